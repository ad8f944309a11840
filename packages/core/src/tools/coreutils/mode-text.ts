// A file's type and permissions as ls and stat show them.

import { Refusal } from "../../netlink/refusal.ts";
import type { FileSystem, FileStatus } from "../../system/files.ts";

const TYPE_LETTERS: Readonly<Record<FileStatus["type"], string>> = {
  file: "-",
  directory: "d",
  symlink: "l",
  socket: "s",
  device: "c",
  fifo: "p",
};

/** drwxr-xr-x */
export function modeText({ type, mode }: FileStatus): string {
  const letters = Array.from({ length: 9 }, (_, at) =>
    (mode >> (8 - at)) & 1 ? ("rwx"[at % 3] ?? "") : "-",
  );
  for (const [bit, at, letter] of [
    [0o4000, 2, "s"],
    [0o2000, 5, "s"],
    [0o1000, 8, "t"],
  ] as const)
    if (mode & bit) letters[at] = letters[at] === "x" ? letter : letter.toUpperCase();
  return TYPE_LETTERS[type] + letters.join("");
}

/** Hard links: a directory has its own entry, its "." and the ".." of every directory in it. */
export function linkCount(files: FileSystem, path: string, status: FileStatus): number {
  if (status.type !== "directory") return 1;
  try {
    const below = files.readDirectory(path);
    return 2 + below.filter((name) => files.linkStatus(`${path}/${name}`).type === "directory").length;
  } catch (refusal) {
    if (refusal instanceof Refusal) return 2;
    throw refusal;
  }
}
