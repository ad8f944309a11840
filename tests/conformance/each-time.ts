// Comparisons with real programs, whose threads, timers and hashes run as the machine lets them: where the two sides differ, both run
// anew, and what differs counts if it does so every time. What differed less often is printed, so that nothing is hidden.

const ATTEMPTS = 3;

/**
 * What differs in each of up to three comparisons, as the last one saw it.
 * @param compare the differences of one run of both sides, each under what is the same in every run, such as the number of its line
 * @param describe one difference for people
 */
export async function differingEachTime<Key, Difference>(
  title: string,
  compare: () => Promise<ReadonlyMap<Key, Difference>>,
  describe: (difference: Difference) => string,
): Promise<Difference[]> {
  let differing = await compare();
  for (let attempt = 2; attempt <= ATTEMPTS && differing.size > 0; attempt++) {
    const before = differing;
    const now = await compare();
    differing = new Map([...now].filter(([key]) => before.has(key)));
    const gone = [...before].flatMap(([key, difference]) => (now.has(key) ? [] : [describe(difference)]));
    if (gone.length > 0)
      console.log(`${title}: attempt ${attempt} is equal where the one before differed\n${gone.join("\n")}`);
  }
  return [...differing.values()];
}
