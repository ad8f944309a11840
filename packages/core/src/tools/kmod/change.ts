// Putting modules in and taking them out, for the programs of kmod.

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";

/** 0, or the number of the error. */
export function insertImage(process: Process, image: Uint8Array, parameters: string): number {
  return attempt(process, (modules) => modules.insert(image, parameters));
}

export function removeModule(process: Process, name: string): number {
  return attempt(process, (modules) => modules.remove(name));
}

type Modules = NonNullable<Process["system"]["kernelModules"]>;

/** A kernel without modules does not know the call. */
function attempt(process: Process, change: (modules: Modules) => void): number {
  const { kernelModules } = process.system;
  if (!kernelModules) return ERRNO.ENOSYS;
  try {
    change(kernelModules);
    return 0;
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return refusal.errno;
  }
}

/** mod_strerror() */
export function moduleError(errno: number): string {
  switch (errno) {
    case ERRNO.ENOEXEC:
      return "Invalid module format";
    case ERRNO.ENOENT:
      return "Unknown symbol in module, or unknown parameter (see dmesg)";
    case ERRNO.ESRCH:
      return "Module has wrong symbol version";
    case ERRNO.EINVAL:
      return "Invalid parameters";
    case ERRNO.EEXIST:
      return "Module already in kernel";
    default:
      return strerror(errno);
  }
}
