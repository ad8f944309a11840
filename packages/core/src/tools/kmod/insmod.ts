// insmod(8) of kmod 30: puts in the module of a file.

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Program } from "../../system/process.ts";
import { OptionError, parseOptions } from "../ovsdb/options.ts";
import { insertImage, moduleError } from "./change.ts";
import { INSMOD_USAGE, VERSION } from "./usage.ts";

const OPTIONS = [
  { name: "version", short: "V", argument: "none" },
  { name: "help", short: "h", argument: "none" },
] as const;

export const insmod: Program = async (process) => {
  let words: readonly string[];
  try {
    const { options, rest } = parseOptions(process.argv.slice(1), OPTIONS, false);
    words = rest;
    const [first] = options;
    if (first) {
      process.print(first.name === "help" ? INSMOD_USAGE : VERSION);
      return 0;
    }
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    process.warn(`insmod: ${error.message}\n`);
    return 1;
  }
  const [path, ...parameters] = words;
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
};
