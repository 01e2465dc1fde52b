"""The deployment that a command is about: its settings, and other programs run with them."""

import os
import sys
from typing import NoReturn

import click

from connectors.environment import EnvironmentUnreadable, environment
from flows.ontology.settings import SettingError, Settings
from flows.parts import python, variables


class Refused(click.ClickException):
    """A command cannot do what it is asked for; the sentence says why and what to do."""


class WrongSetting(Refused):
    exit_code = 2


def settings() -> Settings:
    """The settings of the environment.

    Raises:
        WrongSetting: with what is wrong.
    """
    try:
        return Settings.read(environment())
    except (SettingError, EnvironmentUnreadable) as error:
        raise WrongSetting(str(error)) from error


def become(found: Settings, *module: str) -> NoReturn:
    """Go on as a module of ours, under these settings."""
    command = python(*module)
    sys.stdout.flush()
    os.execve(command[0], command, variables(found, environment()))  # noqa: S606  (no shell is wanted)
