// What every page does: ages tick, and silence is told.

import "./ages.js";
import "./silence.js";
