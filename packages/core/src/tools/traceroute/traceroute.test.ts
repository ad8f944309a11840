import { runEmbedded } from "../testing/run-embedded.ts";
import { beforeAll, describe, expect, test } from "vitest";
import { maskTimes, readRecordedNetwork, Replay } from "../testing/recorded-network.ts";

describe("traceroute prints what the real one prints", () => {
  const { setup, commands } = readRecordedNetwork(new URL("fixtures/recorded.jsonl", import.meta.url));
  const replay = new Replay();
  beforeAll(() => replay.start(setup));

  test.each(commands.map((recorded) => [recorded.cmd, recorded] as const))("%s", async (cmd, recorded) => {
    const ours = await replay.run(cmd);
    expect({ ...ours, stdout: maskTimes(ours.stdout), stderr: maskTimes(ours.stderr) }).toEqual({
      ...recorded,
      stdout: maskTimes(recorded.stdout),
      stderr: maskTimes(recorded.stderr),
    });
  });
});

test("-T meets a host that listens, and one that does not", async () => {
  const setup =
    "for n in a b c; do ip netns add $n; done; ip link add v0 netns a type veth peer name v1 netns b; " +
    "ip link add w0 netns b type veth peer name w1 netns c; ip -n a addr add 10.0.0.1/24 dev v0; " +
    "ip -n b addr add 10.0.0.2/24 dev v1; ip -n b addr add 10.5.0.1/24 dev w0; ip -n c addr add 10.5.0.2/24 dev w1; " +
    "for d in a:v0 b:v1 b:w0 c:w1; do ip -n ${d%:*} link set ${d#*:} up; done; ip -n a route add default via 10.0.0.2; " +
    "ip -n c route add default via 10.5.0.1; ip netns exec b sysctl -qw net.ipv4.ip_forward=1; " +
    "ip netns exec c nc -lk 80 >/dev/null & sleep 0.1; ";
  const got = await runEmbedded(
    `${setup}for port in 80 81; do ip netns exec a traceroute -T -n -q 1 -p $port 10.5.0.2; done; ` +
      "ip netns exec a nstat -az TcpOutRsts; kill %1",
  );
  const way =
    "traceroute to 10.5.0.2 (10.5.0.2), 30 hops max, 60 byte packets\n 1  10.0.0.2  MS ms\n 2  10.5.0.2  MS ms\n";
  const text = got.replace(/\d+\.\d{3} ms/g, "MS ms");
  expect(text.slice(0, 2 * way.length)).toBe(way + way);
  // The host that did not ask for a connection ends what its probes have begun.
  expect(text).toMatch(/^TcpOutRsts +[1-9]/m);
});
