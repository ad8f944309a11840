// The order in which the kernel lists classes of a discipline: that of its hash table (struct Qdisc_class_hash, net/sched/sch_api.c),
// which grows with them.

const FIRST_BUCKETS = 4;

function bucketOf(id: number, buckets: number): number {
  let hash = id ^ (id >>> 8);
  hash ^= hash >>> 4;
  return hash & (buckets - 1);
}

/** @param ids class identifiers in the order in which they came */
export function classOrder(ids: Iterable<number>): number[] {
  let table = emptyTable(FIRST_BUCKETS);
  let count = 0;
  for (const id of ids) {
    table[bucketOf(id, table.length)]?.unshift(id);
    count++;
    // qdisc_class_hash_grow()
    if (count * 4 <= table.length * 3) continue;
    const larger = emptyTable(table.length * 2);
    for (const chain of table) for (const each of chain) larger[bucketOf(each, larger.length)]?.unshift(each);
    table = larger;
  }
  return table.flat();
}

function emptyTable(buckets: number): number[][] {
  return Array.from({ length: buckets }, () => []);
}
