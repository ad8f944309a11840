// The last third of the scripts with dummies.

import { testScripts } from "./dummy/side-by-side.ts";

testScripts(2);
