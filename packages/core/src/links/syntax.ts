// The link kinds that `ip` can parse and print: one line each.

import type { LinkSyntax } from "../tools/ip/link-syntax.ts";
import { vethSyntax } from "./veth/syntax.ts";

export const linkSyntaxes: readonly LinkSyntax[] = [vethSyntax];
