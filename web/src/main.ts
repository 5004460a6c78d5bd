/** The page, part by part. */

import "./style.css";
import { startClock } from "./clock";
import { startDrop } from "./files";
import { startKey } from "./key";
import { startLegend } from "./legend";
import { fail } from "./load";
import { startMap } from "./map";
import { startPanel } from "./panel";
import { startShare } from "./share";
import { startTheme } from "./theme";
import { startTop } from "./top";

startTheme();
startKey();
startTop();
startPanel();
startClock();
startLegend();
startDrop();
startMap().catch((error: unknown) => fail(error, "The map cannot be drawn (it needs WebGL); all figures stand in the panel"));
void startShare();
