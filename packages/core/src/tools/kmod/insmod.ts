// insmod(8) of kmod 30: puts in the module of a file.

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Program } from "../../system/process.ts";
import { program } from "../coreutils/program.ts";
import { insertImage, moduleError } from "./change.ts";
import { kmodOptions } from "./options.ts";
import { INSMOD_USAGE } from "./usage.ts";

export const insmod: Program = program((process) => {
  const [path, ...parameters] = kmodOptions(process, { short: "" }, INSMOD_USAGE).operands;
  if (path === undefined) {
    process.warn("insmod: ERROR: missing filename.\n");
    return 1;
  }
  let image: Uint8Array;
  try {
    image = process.files.readFile(path);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    process.warn(`insmod: ERROR: could not load module ${path}: ${strerror(refusal.errno)}\n`);
    return 1;
  }
  const errno = insertImage(process, image, parameters.join(" "));
  if (errno === 0) return 0;
  const reason = errno === ERRNO.EEXIST ? "File exists" : moduleError(errno);
  process.warn(`insmod: ERROR: could not insert module ${path}: ${reason}\n`);
  return 1;
});
