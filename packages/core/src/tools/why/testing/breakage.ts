// A network that works is broken in one way, which `why` has to name first; what `trace --dry-run` tells of it is what happens; the
// commands that are proposed are run, and the ping works again.

import { describe, expect, test } from "vitest";
import { Replay } from "../../testing/recorded-network.ts";
import { journeyOf } from "../../trace/testing/journeys.ts";

/** Commands that make a host: a namespace whose eth0 is a cable to `port` in the first one. */
export const host = (name: string, port: string, address: string, gateway?: string): string[] => [
  `ip netns add ${name}`,
  `ip link add ${port} type veth peer name eth0 netns ${name}`,
  `ip -n ${name} address add ${address} dev eth0`,
  `ip -n ${name} link set lo up`,
  `ip -n ${name} link set eth0 up`,
  `ip link set ${port} up`,
  ...(gateway === undefined ? [] : [`ip -n ${name} route add default via ${gateway}`]),
];

export interface Breakage {
  /** What the first diagnosis has to be. */
  readonly id: string;
  readonly place?: string;
  readonly by: readonly string[];
  readonly from?: string;
  readonly to: string;
  readonly options?: string;
  /** It goes on working, but is noticed. */
  readonly works?: true;
}

interface Found {
  readonly works: boolean;
  readonly diagnoses: readonly {
    readonly id: string;
    readonly place: { readonly namespace: string; readonly device?: string };
    readonly fix: readonly string[];
  }[];
}

async function diagnoses(setup: readonly string[], breakage: Breakage): Promise<void> {
  const { id, place, by, from = "h1", to, options = "", works = false } = breakage;
  const replay = new Replay();
  await replay.start(setup);
  const run = async (cmd: string): Promise<string> => {
    const { stdout, stderr, rc } = await replay.run(cmd);
    if (rc !== 0) throw new Error(`${cmd}: ${stderr}${stdout}`);
    return stdout;
  };
  const ask = `why --json ${options} ${from} ${to}`;
  const before = await replay.run(`why ${options} ${from} ${to}`);
  expect(before.stdout).toMatch(/^(Answered|Delivered)/);
  expect(before.rc).toBe(0);
  for (const command of by) await run(command);
  const guess = await replay.run(`trace --dry-run ${options} ${from} ${to}`);
  const { stdout, stderr, rc } = await replay.run(ask);
  expect(guess.rc).toBe(rc);
  expect(stderr).toBe("");
  const found = JSON.parse(stdout) as Found;
  const [first] = found.diagnoses;
  const where = [first?.place.namespace, first?.place.device].filter(Boolean).join("/");
  expect({ id: first?.id, place: where }).toEqual({ id, place: place ?? where });
  expect(rc).toBe(works ? 0 : 1);
  await replay.run("sleep 30"); // errors and redirects are limited in their rate
  const probe = `${options} ${from} ${to}`;
  const foretold = await journeyOf(replay, `--dry-run ${probe}`);
  expect(foretold).toBe(await journeyOf(replay, probe));
  expect(first?.fix).not.toEqual([]);
  for (const command of first?.fix ?? []) await run(command);
  const size = /--size (\d+)/.exec(options)?.[1] ?? "56";
  const within = from === "host" ? "" : `ip netns exec ${from} `;
  await run(`${within}ping -c 2 -W 2 -s ${size} ${to}`);
}

function nameOf({ id, place, by }: Breakage): string {
  return `${id}${place ? ` at ${place}` : ""}: ${by.at(-1) ?? ""}`;
}

export function describeBreakages(
  network: string,
  setup: readonly string[],
  breakages: readonly Breakage[],
): void {
  describe(`broken: ${network}`, () => {
    test.each(breakages.map((breakage) => [nameOf(breakage), breakage] as const))(
      "%s",
      async (_, breakage) => {
        await diagnoses(setup, breakage);
      },
    );
  });
}
