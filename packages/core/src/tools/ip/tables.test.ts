import { beforeAll, describe, expect, test } from "vitest";
import { readRecordedNetwork, Replay } from "../testing/recorded-network.ts";

describe("labels, tokens, neighbour tables and refusals are what the real ip prints", () => {
  const { profile, setup, commands } = readRecordedNetwork(new URL("fixtures/tables.jsonl", import.meta.url));
  const replay = new Replay(profile);
  beforeAll(() => replay.start(setup));
  // What a timer drew at random: how long a neighbour counts as reachable.
  const drawn = (text: string): string => text.replace(/(?<=\breachable )\d+/g, "T");

  test.each(commands.map((recorded, at) => [`${at} ${recorded.cmd}`, recorded] as const))(
    "%s",
    async (_, recorded) => {
      const ours = await replay.run(recorded.cmd);
      expect({ ...ours, stdout: drawn(ours.stdout) }).toEqual({
        ...recorded,
        stdout: drawn(recorded.stdout),
      });
    },
  );
});
