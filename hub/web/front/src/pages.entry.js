// What pages do by themselves where scripts run; without them every page works by links and forms alone.
import { watchConditions } from "./conditions.js";
import { workWithoutALine } from "./lines.js";
import { sendOnce } from "./sending.js";

watchConditions(document);
sendOnce(document);
workWithoutALine(document);
