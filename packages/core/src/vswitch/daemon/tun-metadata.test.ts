// Geneve options as tun_metadataN: what ovs-vswitchd 3.1.0 and ovs-ofctl showed for the same tables, flows and packets.

import { beforeAll, describe, expect, test } from "vitest";
import { Replay } from "../../tools/testing/recorded-network.ts";

const replay = new Replay();
const run = async (line: string): Promise<string> => {
  const { stdout, stderr } = await replay.run(line);
  return stdout + stderr;
};
const key = (options: string) =>
  `'tunnel(tun_id=0x7b,src=192.0.2.2,dst=192.0.2.1,ttl=64,tp_src=1000,tp_dst=6081,geneve(${options}),flags(df|key)),` +
  "in_port(2),eth(src=f8:bc:12:44:34:b6,dst=f8:bc:12:46:58:e0),eth_type(0x0800)," +
  "ipv4(src=1.1.3.88,dst=1.1.3.112,proto=1,tos=0,ttl=64,frag=no),icmp(type=0,code=0)'";
const MAP =
  '"{class=0xffff,type=0,len=4}->tun_metadata0,{class=0xffff,type=1,len=8}->tun_metadata1,' +
  '{class=0xffff,type=2,len=124}->tun_metadata3"';

beforeAll(async () => {
  await replay.start([
    "ip netns add peer; ip link add u0 type veth peer name u1 netns peer",
    "ip addr add 192.0.2.1/24 dev u0; ip link set u0 up",
    "ip -n peer addr add 192.0.2.2/24 dev u1; ip -n peer link set u1 up",
    "ip -n peer link add tn type geneve id 123 remote 192.0.2.1; ip -n peer link set tn up",
    "ip -n peer addr add 10.0.0.2/24 dev tn",
    "ovs-vsctl add-br br0 -- set bridge br0 fail_mode=secure" +
      " -- add-port br0 g1 -- set interface g1 type=geneve options:remote_ip=192.0.2.2 options:key=123 ofport_request=2",
    "ip addr add 10.0.0.1/24 dev br0; ip link set br0 up",
  ]);
});

describe("the table of options", () => {
  test("takes what is new and refuses what is there", async () => {
    expect(await run(`ovs-ofctl add-tlv-map br0 ${MAP}`)).toBe("");
    expect(await run("ovs-ofctl dump-tlv-map br0")).toBe(
      `NXT_TLV_TABLE_REPLY (xid=0x2):
 max option space=256 max fields=64
 allocated option space=136

 mapping table:
  class  type  length  match field
 ------  ----  ------  --------------
 0xffff     0       4  tun_metadata0
 0xffff   0x1       8  tun_metadata1
 0xffff   0x2     124  tun_metadata3
`,
    );
    const refused = async (mapping: string) =>
      /NX\w+/.exec(await run(`ovs-ofctl add-tlv-map br0 "${mapping}"`))?.[0];
    expect(await refused("{class=0xffff,type=0,len=4}->tun_metadata9")).toBe("NXTTMFC_DUP_ENTRY");
    expect(await refused("{class=0xffff,type=5,len=4}->tun_metadata0")).toBe("NXTTMFC_ALREADY_MAPPED");
    expect(await refused("{class=0xffff,type=5,len=128}->tun_metadata9")).toBe("NXTTMFC_BAD_OPT_LEN");
    expect(await refused("{class=0xffff,type=5,len=124}->tun_metadata9")).toBe("NXTTMFC_TABLE_FULL");
  });
});

describe("flows", () => {
  test("match options, and change them", async () => {
    for (const flow of [
      "in_port=2,tun_metadata0=5/0xf,actions=move:tun_metadata0[0..31]->reg0[],load:7->tun_metadata1[0..7],LOCAL",
      "in_port=2,tun_metadata1=5,actions=drop",
      "in_port=2,tun_metadata3,actions=LOCAL",
    ]) {
      expect(await run(`ovs-ofctl add-flow br0 "${flow}"`)).toBe("");
    }
    expect(await run('ovs-ofctl add-flow br0 "in_port=2,tun_metadata33=1,actions=drop"')).toContain(
      "NXFMFC_INVALID_TLV_FIELD",
    );
    expect(await run("ovs-ofctl dump-flows br0 --no-stats")).toBe(
      " tun_metadata0=0x5/0xf,in_port=2 actions=move:NXM_NX_TUN_METADATA0[0..31]->NXM_NX_REG0[]," +
        "set_field:0x7/0xff->tun_metadata1,LOCAL\n" +
        " tun_metadata1=0x5,in_port=2 actions=drop\n" +
        " tun_metadata3,in_port=2 actions=LOCAL\n",
    );
    expect(await run('ovs-ofctl del-tlv-map br0 "{class=0xffff,type=0,len=4}->tun_metadata0"')).toContain(
      "NXTTMFC_INVALID_TLV_DEL",
    );
  });

  test("are traced", async () => {
    const port = /g1 2\/(\d+)/.exec(await run("ovs-appctl dpif/show"))?.[1] ?? "";
    const trace = (options: string) =>
      run(`ovs-appctl ofproto/trace ${key(options).replace("in_port(2)", `in_port(${port})`)}`);
    const both = await trace("{class=0xffff,type=2,len=124,0x01}{class=0xffff,type=0x0,len=4,0x12345}");
    expect(both).toContain("tun_flags=df|key,tun_metadata0=0x12345,tun_metadata3=0x1,in_port=2,");
    expect(both).toContain(
      " 0. tun_metadata0=0x5/0xf,in_port=2, priority 32768\n" +
        "    move:NXM_NX_TUN_METADATA0[]->NXM_NX_REG0[]\n" +
        "     -> NXM_NX_REG0[] is now 0x12345\n" +
        "    set_field:0x7/0xff->tun_metadata1\n",
    );
    expect(both).toContain("Final flow: icmp,reg0=0x12345,tun_id=0x7b,");
    expect(both).toContain(
      "tun_flags=+df-csum+key,tun_metadata0=0x12345,tun_metadata1=NP,in_port=2,nw_frag=no\n",
    );
    const other = await trace("{class=0xffff,type=1,len=8,0x05}");
    expect(other).toContain(" 0. tun_metadata1=0x5,in_port=2, priority 32768\n    drop\n");
    expect(await trace("{class=0xffff,type=0x80,len=4,0x5}")).toMatch(/^Failed to parse Geneve options\n/);
  });

  test("send options, which the other end gets", async () => {
    await run("ovs-ofctl del-flows br0");
    await run(
      'ovs-ofctl add-flow br0 "in_port=LOCAL,actions=set_field:0xa->tun_metadata0,' +
        'set_field:0x1234567890abcdef->tun_metadata1,2"',
    );
    await run('ovs-ofctl add-flow br0 "in_port=2,actions=LOCAL"');
    const seen = run("ip netns exec peer timeout 5 tcpdump -c 1 -nvvi u1 udp port 6081");
    expect(await run("ping -c 2 -i 0.2 10.0.0.2")).toContain(" 2 received");
    expect(await seen).toContain(
      "options [class Unknown (0xffff) type 0x0 len 8 data 0000000a, " +
        "class Unknown (0xffff) type 0x1 len 12 data 12345678 90abcdef]",
    );
    expect(await run("ovs-appctl dpctl/dump-flows")).toContain(
      "geneve({class=0xffff,type=0,len=4,0xa}{class=0xffff,type=0x1,len=8,0x1234567890abcdef}),flags(df|key)",
    );
  });
});
