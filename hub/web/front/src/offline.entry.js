// What the pages do that are shown without a line: list what can be reported meanwhile, and take a report down.
import { offerServices } from "./meanwhile.js";
import { locate } from "./locating.js";
import { takeDown } from "./writing.js";

locate(document);
takeDown(document);
offerServices(document);
