import { expect, test } from "vitest";
import { Replay } from "../testing/recorded-network.ts";

test("sudo runs commands as root does, in a fresh environment", async () => {
  const replay = new Replay();
  const cases: readonly (readonly [command: string, output: string, status: number])[] = [
    ["sudo ip netns add x && sudo ip netns", "x\n", 0],
    ["FOO=bar sudo printenv FOO", "", 1],
    ["FOO=bar sudo -E printenv FOO", "bar\n", 0],
    ["sudo FOO=1 printenv FOO SUDO_USER", "1\nroot\n", 0],
    ["sudo nosuch", "sudo: nosuch: command not found\n", 1],
    ["sudo -u eve id", "sudo: unknown user eve\nsudo: error initializing audit plugin sudoers_audit\n", 1],
    ["sudo bash -c 'echo $HOME; exit 3'", "/root\n", 3],
  ];
  for (const [command, output, status] of cases) {
    const { stdout, stderr, rc } = await replay.run(command);
    expect([command, stderr + stdout, rc]).toEqual([command, output, status]);
  }
});
