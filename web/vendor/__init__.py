"""Where the files of others under ``web/static/vendor`` come from, and how they are made again."""
