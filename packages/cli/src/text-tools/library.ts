// The one place that imports the library with the text tools. A build replaces the compiled form of this file by a
// bundle (scripts/bundle-text-tools.mjs), so that the installed package does not depend on the library's many packages.

export { Bash } from "just-bash";
export type { BashExecResult, FsStat, IFileSystem } from "just-bash";
