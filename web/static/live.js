// What every page does: ages tick, silence is told, and the tab says what is wrong.

import "./ages.js";
import "./attention.js";
import "./silence.js";
