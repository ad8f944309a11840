// Versions of schemas (x.y.z) and the operators of `ovsdb-tool compare-versions`.

function parse(text: string): number[] | undefined {
  return /^\d+\.\d+\.\d+$/.test(text) ? text.split(".").map(Number) : undefined;
}

export const isVersion = (text: string): boolean => parse(text) !== undefined;

/** Undefined if the operator or a version is none. */
export function compareVersions(a: string, operator: string, b: string): boolean | undefined {
  const x = parse(a);
  const y = parse(b);
  if (!x || !y) return undefined;
  let order = 0;
  for (let at = 0; at < 3 && order === 0; at++) order = (x[at] ?? 0) - (y[at] ?? 0);
  switch (operator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case "==":
      return order === 0;
    case ">=":
      return order >= 0;
    case ">":
      return order > 0;
    case "!=":
      return order !== 0;
    default:
      return undefined;
  }
}
