// The programs of this folder by name, for whoever puts a system's command table together.

import type { Program } from "../../system/process.ts";
import { date, sleep, timeout } from "./clock.ts";
import { cat, head, tail, tee, wc } from "./copy.ts";
import {
  basename,
  cp,
  dirname,
  ln,
  mkdir,
  mktemp,
  mv,
  readlink,
  realpath,
  rm,
  rmdir,
  touch,
} from "./files.ts";
import { cmp } from "./cmp.ts";
import { cut } from "./cut.ts";
import { dd } from "./dd.ts";
import { diff } from "./diff.ts";
import { egrep, fgrep, grep } from "./grep.ts";
import { arch, hostname, id, nproc, tty, uname, whoami } from "./identity.ts";
import { expr } from "./expr.ts";
import { ls } from "./ls.ts";
import { mkfifo, mknod } from "./mkfifo.ts";
import { falseProgram, seq, trueProgram, yes } from "./numbers.ts";
import { install } from "./install.ts";
import { shuf } from "./shuf.ts";
import { sync, truncate } from "./truncate.ts";
import { chgrp, chmod, chown } from "./permissions.ts";
import { sort } from "./sort.ts";
import { stat } from "./stat.ts";
import { sudo } from "./sudo.ts";
import { tr } from "./tr.ts";
import { od, uniq } from "./text.ts";
import { env, nice, nohup, printenv, setsid, stdbuf, which, xargs } from "./run.ts";

export const coreutils: ReadonlyMap<string, Program> = new Map<string, Program>([
  ["arch", arch],
  ["basename", basename],
  ["cat", cat],
  ["chgrp", chgrp],
  ["chmod", chmod],
  ["chown", chown],
  ["cmp", cmp],
  ["cp", cp],
  ["cut", cut],
  ["date", date],
  ["dd", dd],
  ["diff", diff],
  ["dirname", dirname],
  ["egrep", egrep],
  ["env", env],
  ["expr", expr],
  ["false", falseProgram],
  ["fgrep", fgrep],
  ["grep", grep],
  ["head", head],
  ["hostname", hostname],
  ["id", id],
  ["install", install],
  ["ln", ln],
  ["ls", ls],
  ["mkdir", mkdir],
  ["mkfifo", mkfifo],
  ["mknod", mknod],
  ["mktemp", mktemp],
  ["mv", mv],
  ["nice", nice],
  ["nohup", nohup],
  ["nproc", nproc],
  ["od", od],
  ["printenv", printenv],
  ["readlink", readlink],
  ["realpath", realpath],
  ["rm", rm],
  ["rmdir", rmdir],
  ["seq", seq],
  ["setsid", setsid],
  ["shuf", shuf],
  ["sleep", sleep],
  ["sort", sort],
  ["sudo", sudo],
  ["stat", stat],
  ["stdbuf", stdbuf],
  ["sync", sync],
  ["tail", tail],
  ["tee", tee],
  ["timeout", timeout],
  ["touch", touch],
  ["tr", tr],
  ["true", trueProgram],
  ["truncate", truncate],
  ["tty", tty],
  ["uname", uname],
  ["uniq", uniq],
  ["wc", wc],
  ["which", which],
  ["whoami", whoami],
  ["xargs", xargs],
  ["yes", yes],
]);
