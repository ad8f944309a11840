// How memory/show writes what there is (memory.c): counts by their names, in the order of the names.

export function formatUsage(usage: Readonly<Record<string, number>>): string {
  return Object.entries(usage)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${name}:${count}`)
    .join(" ");
}
