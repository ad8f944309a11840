// Patterns of fnmatch(3) as regular expressions, without quoting: `*`, `?` and sets. The shell's own patterns, which know more, are
// in shell/pattern.ts.

/** Matches the whole of a text. `flags`: of RegExp. */
export function globExpression(pattern: string, flags = "s"): RegExp {
  const source = pattern
    .split(/(\[!?\]?[^\]]*\]|[*?])/)
    .map((part, at) => {
      if (at % 2 === 0) return part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
      if (part === "*") return ".*";
      if (part === "?") return ".";
      const negated = part.startsWith("[!");
      const set = part.slice(negated ? 2 : 1, -1).replace(/[\\\][^]/g, "\\$&");
      return `[${negated ? "^" : ""}${set}]`;
    })
    .join("");
  return new RegExp(`^${source}$`, flags);
}
