// Path resolution (path_resolution(7)): components, ".", "..", symbolic links and mounts.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { DirectoryNode, Node, View } from "./node.ts";

const LINK_LIMIT = 40; // MAXSYMLINKS
const NAME_LIMIT = 255; // NAME_MAX, bytes
const PATH_LIMIT = 4095; // PATH_MAX without the NUL, bytes

/** Whatever has mounts on a tree of nodes. */
export interface Mounted {
  readonly root: DirectoryNode;
  covered(node: Node, view: View): Node;
}

interface Step {
  /** Empty for the root. */
  readonly name: string;
  readonly node: DirectoryNode;
}

/** Where a path leads. */
export interface Place {
  /** Directories from the root to the one that holds the last component. */
  readonly parents: readonly Step[];
  /** Last component after links were followed; empty for the root, "." and ".." are kept. */
  readonly name: string;
  /** Undefined if the last component is missing. */
  readonly node: Node | undefined;
  /** The path ended with a slash, so only a directory will do. */
  readonly slash: boolean;
}

/** Finds a path; a relative one starts at `cwd`. Errors: ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG. */
export function walk(tree: Mounted, path: string, cwd: string, view: View, follow: boolean): Place {
  if (path === "") throw new Refusal(ERRNO.ENOENT);
  if (path.length > PATH_LIMIT) throw new Refusal(ERRNO.ENAMETOOLONG);
  const slash = path.endsWith("/");
  const todo = (path.startsWith("/") ? path : `${cwd}/${path}`).split("/").filter(isComponent).reverse();
  let parents: Step[] = [];
  let here: Step = { name: "", node: tree.covered(tree.root, view) as DirectoryNode };
  let links = 0;
  for (;;) {
    const name = todo.pop();
    if (name === undefined) return { parents, name: here.name, node: here.node, slash };
    if (name.length > NAME_LIMIT) throw new Refusal(ERRNO.ENAMETOOLONG);
    if (name === ".") continue; // what came before it was no last component, so links in it were followed
    if (name === "..") {
      here = parents.pop() ?? here;
      continue;
    }
    const last = todo.length === 0;
    const entry = here.node.lookup(name);
    if (entry === undefined) {
      if (!last) throw new Refusal(ERRNO.ENOENT);
      return { parents: [...parents, here], name, node: undefined, slash };
    }
    const node = tree.covered(entry, view);
    if (node.type === "symlink" && (!last || follow || slash)) {
      if (++links > LINK_LIMIT) throw new Refusal(ERRNO.ELOOP);
      if (node.leadsTo !== undefined) {
        if (!last || slash) throw new Refusal(ERRNO.ENOTDIR);
        return { parents: [...parents, here], name, node: node.leadsTo, slash };
      }
      if (node.target.startsWith("/")) {
        here = parents[0] ?? here;
        parents = [];
      }
      for (const component of node.target.split("/").filter(isComponent).reverse()) todo.push(component);
      continue;
    }
    if (node.type === "directory") {
      parents.push(here);
      here = { name, node };
      continue;
    }
    if (!last || (slash && node.type !== "symlink")) throw new Refusal(ERRNO.ENOTDIR);
    return { parents: [...parents, here], name, node, slash };
  }
}

/** The canonical absolute path of a place. */
export function pathOf(place: Place): string {
  const names = place.parents.map((step) => step.name).filter((name) => name !== "");
  if (place.name !== "") names.push(place.name);
  return `/${names.join("/")}`;
}

function isComponent(name: string): boolean {
  return name !== "";
}
