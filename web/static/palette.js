// The colours of the style sheet, for what is drawn by script.

const style = getComputedStyle(document.documentElement);

export const colour = (name) => style.getPropertyValue(`--${name}`).trim();
export const STATES = ["live", "stale", "lost", "replay"];
