// Answers for ever, a word each 50 ms, whatever it is asked.

import { setInterval } from "node:timers";

const words = ["for ", "ever ", "and ", "ever, "];
let said = 0;
setInterval(() => process.stdout.write(words[said++ % words.length]), 50);
