// The one place that imports the library with the text tools. The build makes it chunks of their own, which are loaded when
// a tool first runs (scripts/bundle.mjs), so that the installed package does not depend on the library's many packages.

export { Bash } from "just-bash";
export type { BashExecResult, FsStat, IFileSystem } from "just-bash";
