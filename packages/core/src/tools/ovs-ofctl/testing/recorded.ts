// What ovs-ofctl 3.1.0 of Debian prints for commands that need no switch: `parse-flow` of each flow, and others.

/** A flow, and the lines that `ovs-ofctl parse-flow` prints for it. */
export const RECORDED_FLOWS: readonly (readonly [flow: string, lines: readonly string[]])[] = [
  [
    "tcp,tcp_flags=+syn,,actions=drop",
    [
      "usable protocols: NXM,OXM",
      "chosen protocol: NXM-table_id",
      "NXT_FLOW_MOD (xid=0x1): ADD tcp,tcp_flags=+syn actions=drop",
    ],
  ],
  [
    "tcp,tcp_flags=syn|ack,actions=drop",
    [
      "usable protocols: NXM,OXM",
      "chosen protocol: NXM-table_id",
      "NXT_FLOW_MOD (xid=0x1): ADD tcp,tcp_flags=syn|ack actions=drop",
    ],
  ],
  ["tcp,tcp_flags=+syn|ack,actions=drop", ["ovs-ofctl: syn|ack: unknown TCP flag(s)"]],
  [
    "tcp,tcp_flags=0/0,actions=drop",
    [
      "usable protocols: any",
      "chosen protocol: OpenFlow10-table_id",
      "OFPT_FLOW_MOD (xid=0x1): ADD tcp actions=drop",
    ],
  ],
  [
    "tcp,tcp_flags=[200],actions=drop",
    [
      "usable protocols: NXM,OXM",
      "chosen protocol: NXM-table_id",
      "NXT_FLOW_MOD (xid=0x1): ADD tcp,tcp_flags=[200] actions=drop",
    ],
  ],
  ["ct_state=0x100,actions=drop", ["ovs-ofctl: 0x100: unknown ct_state flag(s)"]],
  [
    "ct_state=0,actions=drop",
    [
      "usable protocols: NXM,OXM",
      "chosen protocol: NXM-table_id",
      "NXT_FLOW_MOD (xid=0x1): ADD ct_state=0 actions=drop",
    ],
  ],
  [
    "ct_state=0x21/0xff,actions=drop",
    [
      "usable protocols: NXM,OXM",
      "chosen protocol: NXM-table_id",
      "NXT_FLOW_MOD (xid=0x1): ADD ct_state=new|trk actions=drop",
    ],
  ],
  [
    "tun_flags=0,actions=drop",
    [
      "usable protocols: NXM,OXM",
      "chosen protocol: NXM-table_id",
      "NXT_FLOW_MOD (xid=0x1): ADD tun_flags=-oam actions=drop",
    ],
  ],
  [
    "tun_flags=1/1,actions=drop",
    [
      "usable protocols: NXM,OXM",
      "chosen protocol: NXM-table_id",
      "NXT_FLOW_MOD (xid=0x1): ADD tun_flags=+oam actions=drop",
    ],
  ],
  [
    "eth,ip,actions=drop",
    [
      "usable protocols: any",
      "chosen protocol: OpenFlow10-table_id",
      "OFPT_FLOW_MOD (xid=0x1): ADD ip actions=drop",
    ],
  ],
  [
    "ipv6_label=5,ipv6,actions=drop",
    [
      "usable protocols: NXM,OXM",
      "chosen protocol: NXM-table_id",
      "NXT_FLOW_MOD (xid=0x1): ADD ipv6,ipv6_label=0x00005 actions=drop",
    ],
  ],
  [
    "ipv6,ipv6_label=5/0xff,actions=drop",
    [
      "usable protocols: NXM,OXM",
      "chosen protocol: NXM-table_id",
      "NXT_FLOW_MOD (xid=0x1): ADD ipv6,ipv6_label=0x00005/0x000ff actions=drop",
    ],
  ],
  [
    "ipv6,nw_ttl=4,actions=drop",
    [
      "usable protocols: NXM,OXM",
      "chosen protocol: NXM-table_id",
      "NXT_FLOW_MOD (xid=0x1): ADD ipv6,nw_ttl=4 actions=drop",
    ],
  ],
  [
    "reg0[4]=1,actions=drop",
    [
      "usable protocols: NXM,OXM",
      "chosen protocol: NXM-table_id",
      "NXT_FLOW_MOD (xid=0x1): ADD reg0=0x10/0x10 actions=drop",
    ],
  ],
  [
    "reg0[40]=4,actions=drop",
    ["ovs-ofctl: reg0[40]: starting bit 40 is not valid because field is only 32 bits wide"],
  ],
  [
    "dl_dst=01:00:00:00:00:00/01:00:00:00:00:00,actions=drop",
    [
      "usable protocols: NXM,OXM,OpenFlow11",
      "chosen protocol: NXM-table_id",
      "NXT_FLOW_MOD (xid=0x1): ADD dl_dst=01:00:00:00:00:00/01:00:00:00:00:00 actions=drop",
    ],
  ],
  [
    "ip_src=1.2.3.4,actions=drop",
    [
      "usable protocols: any",
      "chosen protocol: OpenFlow10-table_id",
      "OFPT_FLOW_MOD (xid=0x1): ADD actions=drop",
    ],
  ],
  ['in_port="foo",actions=drop', ['ovs-ofctl: "foo": invalid or unknown port for in_port']],
  [
    "in_port=none,actions=drop",
    [
      "usable protocols: any",
      "chosen protocol: OpenFlow10-table_id",
      "OFPT_FLOW_MOD (xid=0x1): ADD in_port=ANY actions=drop",
    ],
  ],
  [
    "tun_id=-1,actions=drop",
    [
      "usable protocols: NXM,OXM",
      "chosen protocol: NXM-table_id",
      "NXT_FLOW_MOD (xid=0x1): ADD tun_id=0xffffffffffffffff actions=drop",
    ],
  ],
  [
    "tun_metadata0=0x1234/0xffff,actions=drop",
    [
      "usable protocols: NXM,OXM",
      "chosen protocol: NXM-table_id",
      "NXT_FLOW_MOD (xid=0x1): ADD tun_metadata0=0x1234 actions=drop",
    ],
  ],
  [
    "tun_gbp_id=3,actions=drop",
    [
      "usable protocols: NXM,OXM",
      "chosen protocol: NXM-table_id",
      "NXT_FLOW_MOD (xid=0x1): ADD tun_gbp_id=3 actions=drop",
    ],
  ],
  [
    "tun_gtpu_flags=1,tun_gtpu_msgtype=3,actions=drop",
    [
      "usable protocols: NXM,OXM",
      "chosen protocol: NXM-table_id",
      "NXT_FLOW_MOD (xid=0x1): ADD gtpu_flags=0x1,gtpu_msgtype=3 actions=drop",
    ],
  ],
  [
    "mpls_ttl=3,mpls,actions=drop",
    [
      "usable protocols: NXM,OXM",
      "chosen protocol: NXM-table_id",
      "NXT_FLOW_MOD (xid=0x1): ADD mpls,mpls_ttl=3 actions=drop",
    ],
  ],
  [
    "rarp,arp_op=3,actions=drop",
    [
      "usable protocols: any",
      "chosen protocol: OpenFlow10-table_id",
      "OFPT_FLOW_MOD (xid=0x1): ADD rarp,arp_op=3 actions=drop",
    ],
  ],
  [
    "arp,nw_src=1.2.3.4,actions=drop",
    [
      "usable protocols: any",
      "chosen protocol: OpenFlow10-table_id",
      "OFPT_FLOW_MOD (xid=0x1): ADD arp,arp_spa=1.2.3.4 actions=drop",
    ],
  ],
  [
    "ip,nw_proto=2,tp_src=4,actions=drop",
    [
      "usable protocols: any",
      "chosen protocol: OpenFlow10-table_id",
      "OFPT_FLOW_MOD (xid=0x1): ADD ip,nw_proto=2 actions=drop",
    ],
  ],
  [
    "ipv6,nd_sll=00:00:00:00:00:01,actions=drop",
    [
      "usable protocols: NXM,OXM",
      "chosen protocol: NXM-table_id",
      "NXT_FLOW_MOD (xid=0x1): ADD ipv6 actions=drop",
    ],
  ],
  [
    "actions=controller:100,controller(reason=invalid_ttl,max_len=5,id=3),controller(userdata=01.02.03,pause),controller(meter_id=3)",
    [
      "usable protocols: any",
      "chosen protocol: OpenFlow10-table_id",
      "OFPT_FLOW_MOD (xid=0x1): ADD actions=CONTROLLER:100,controller(reason=invalid_ttl,max_len=5,id=3),controller(userdata=01.02.03,pause),controller(meter_id=3)",
    ],
  ],
  ["actions=push_vlan:0x8100,set_vlan_vid:5,pop_vlan", ["ovs-ofctl: no usable protocol"]],
  [
    "ip,actions=mod_nw_src:1.2.3.4,mod_nw_dst:4.3.2.1,mod_nw_tos:4,mod_nw_ecn:2,mod_nw_ttl:9",
    [
      "usable protocols: any",
      "chosen protocol: OpenFlow10-table_id",
      "OFPT_FLOW_MOD (xid=0x1): ADD ip actions=mod_nw_src:1.2.3.4,mod_nw_dst:4.3.2.1,mod_nw_tos:4,load:0x2->NXM_NX_IP_ECN[],load:0x9->NXM_NX_IP_TTL[]",
    ],
  ],
  [
    "actions=resubmit:1,resubmit(,2),resubmit(1,3),resubmit(1,2,ct)",
    ["ovs-ofctl: actions are invalid with specified match (OFPBAC_MATCH_INCONSISTENT)"],
  ],
  [
    "actions=set_queue:5,pop_queue",
    [
      "usable protocols: any",
      "chosen protocol: OpenFlow10-table_id",
      "OFPT_FLOW_MOD (xid=0x1): ADD actions=set_queue:5,pop_queue",
    ],
  ],
  [
    "actions=exit",
    [
      "usable protocols: any",
      "chosen protocol: OpenFlow10-table_id",
      "OFPT_FLOW_MOD (xid=0x1): ADD actions=exit",
    ],
  ],
  [
    "actions=set_field:5->reg0,set_field:5/15->reg1,set_field:00:11:22:33:44:55->eth_dst,set_field:1->metadata",
    [
      "usable protocols: NXM,OXM",
      "chosen protocol: NXM-table_id",
      "NXT_FLOW_MOD (xid=0x1): ADD actions=load:0x5->NXM_NX_REG0[],load:0x5->NXM_NX_REG1[0..3],mod_dl_dst:00:11:22:33:44:55,load:0x1->OXM_OF_METADATA[]",
    ],
  ],
  [
    "ip,actions=dec_ttl,dec_ttl(1,2,3)",
    [
      "usable protocols: any",
      "chosen protocol: OpenFlow10-table_id",
      "OFPT_FLOW_MOD (xid=0x1): ADD ip actions=dec_ttl,dec_ttl(1,2,3)",
    ],
  ],
  [
    "tcp,actions=fin_timeout(idle_timeout=5,hard_timeout=10)",
    [
      "usable protocols: any",
      "chosen protocol: OpenFlow10-table_id",
      "OFPT_FLOW_MOD (xid=0x1): ADD tcp actions=fin_timeout(idle_timeout=5,hard_timeout=10)",
    ],
  ],
  [
    "actions=conjunction(5,1/2),conjunction(0x6,2/3)",
    [
      "usable protocols: any",
      "chosen protocol: OpenFlow10-table_id",
      "OFPT_FLOW_MOD (xid=0x1): ADD actions=conjunction(5,1/2),conjunction(6,2/3)",
    ],
  ],
  [
    "actions=bundle(eth_src,50,hrw,ofport,members:1,2,3),bundle_load(symmetric_l4,60,active_backup,ofport,NXM_NX_REG0[],members:4,8)",
    [
      "usable protocols: any",
      "chosen protocol: OpenFlow10-table_id",
      "OFPT_FLOW_MOD (xid=0x1): ADD actions=bundle(eth_src,50,hrw,ofport,members:1,2,3),bundle_load(symmetric_l4,60,active_backup,ofport,NXM_NX_REG0[],members:4,8)",
    ],
  ],
  [
    "tcp,actions=ct(commit,alg=ftp)",
    [
      "usable protocols: any",
      "chosen protocol: OpenFlow10-table_id",
      "OFPT_FLOW_MOD (xid=0x1): ADD tcp actions=ct(commit,alg=ftp)",
    ],
  ],
  [
    "actions=check_pkt_larger(1500)->reg0[0]",
    [
      "usable protocols: any",
      "chosen protocol: OpenFlow10-table_id",
      "OFPT_FLOW_MOD (xid=0x1): ADD actions=check_pkt_larger(1500)->NXM_NX_REG0[0]",
    ],
  ],
  [
    "actions=output:NXM_NX_REG0[0..15]",
    [
      "usable protocols: any",
      "chosen protocol: OpenFlow10-table_id",
      "OFPT_FLOW_MOD (xid=0x1): ADD actions=output:NXM_NX_REG0[0..15]",
    ],
  ],
  [
    "actions=clear_actions,write_actions(output:1,set_field:1->reg0),write_metadata:1/3,goto_table:5",
    [
      "usable protocols: NXM,OXM",
      "chosen protocol: NXM-table_id",
      "NXT_FLOW_MOD (xid=0x1): ***decode error: OFPBAC_UNSUPPORTED_ORDER***",
      "00000000  01 04 00 60 00 00 00 01-00 00 23 20 00 00 00 0d |...`......# ....|",
      "00000010  00 00 00 00 00 00 00 00-00 00 00 00 00 00 80 00 |................|",
      "00000020  ff ff ff ff ff ff 00 00-00 00 00 00 00 00 00 00 |................|",
      "00000030  ff ff 00 20 00 00 23 20-00 16 00 00 00 00 00 00 |... ..# ........|",
      "00000040  00 00 00 00 00 00 00 01-00 00 00 00 00 00 00 03 |................|",
      "00000050  ff ff 00 10 00 00 23 20-00 0e ff f8 05 00 00 00 |......# ........|",
    ],
  ],
  [
    "actions=goto_table:1,output:3",
    [
      "ovs-ofctl: invalid instruction ordering: apply_actions must appear before goto_table, for OpenFlow 1.1+ compatibility",
    ],
  ],
  ["actions=encap(ethernet),decap()", ["ovs-ofctl: no usable protocol"]],
  [
    "dl_type=0x894f,actions=dec_nsh_ttl",
    [
      "usable protocols: any",
      "chosen protocol: OpenFlow10-table_id",
      "OFPT_FLOW_MOD (xid=0x1): ***decode error: OFPBAC_BAD_VENDOR_TYPE***",
      "00000000  01 0e 00 58 00 00 00 01-00 38 20 ef 00 00 00 00 |...X.....8 .....|",
      "00000010  00 00 00 00 00 00 00 00-00 00 00 00 00 00 89 4f |...............O|",
      "00000020  00 00 00 00 00 00 00 00-00 00 00 00 00 00 00 00 |................|",
      "00000030  00 00 00 00 00 00 00 00-00 00 00 00 00 00 80 00 |................|",
      "00000040  ff ff ff ff ff ff 00 00-ff ff 00 10 00 00 23 20 |..............# |",
      "00000050  00 30 00 00 00 00 00 00-                        |.0......        |",
    ],
  ],
  ["actions=mod_vlan_vid:5000", ["ovs-ofctl: 5000: not a valid VLAN VID"]],
  ["actions=set_field:5->", ["ovs-ofctl: 5->: missing field name following `->'"]],
  [
    "actions=load:5->eth_type[]",
    [
      "usable protocols: any",
      "chosen protocol: OpenFlow10-table_id",
      "OFPT_FLOW_MOD (xid=0x1): ***decode error: OFPBAC_BAD_SET_ARGUMENT***",
      "00000000  01 0e 00 60 00 00 00 01-00 38 20 ff 00 00 00 00 |...`.....8 .....|",
      "00000010  00 00 00 00 00 00 00 00-00 00 00 00 00 00 00 00 |................|",
      "00000020  00 00 00 00 00 00 00 00-00 00 00 00 00 00 00 00 |................|",
      "00000030  00 00 00 00 00 00 00 00-00 00 00 00 00 00 80 00 |................|",
      "00000040  ff ff ff ff ff ff 00 00-ff ff 00 18 00 00 23 20 |..............# |",
      "00000050  00 07 00 0f 00 00 06 02-00 00 00 00 00 00 00 05 |................|",
    ],
  ],
  ["actions=apply_actions(output:1)", ["ovs-ofctl: apply_actions is the default instruction"]],
  ["actions=conjunction(1,0/2)", ["ovs-ofctl: clause index must be positive"]],
  ["actions=note:xx", ["ovs-ofctl: bad hex digit in `note' argument"]],
  ["actions=ct(foo)", ['ovs-ofctl: invalid argument to "ct" action: `foo\'']],
  ["actions=push_vlan:0x1234", ["ovs-ofctl: 0x1234: not a valid VLAN ethertype"]],
  [
    "actions=write_actions(learn(table=1))",
    [
      "usable protocols: any",
      "chosen protocol: OpenFlow10-table_id",
      "OFPT_FLOW_MOD (xid=0x1): ADD actions=drop",
    ],
  ],
  [
    "send_flow_rem,check_overlap,actions=1",
    [
      "usable protocols: any",
      "chosen protocol: OpenFlow10-table_id",
      "OFPT_FLOW_MOD (xid=0x1): ADD send_flow_rem check_overlap actions=output:1",
    ],
  ],
];

/** Bytes, and what `ovs-ofctl ofp-print` prints for them. */
export const RECORDED_MESSAGES: readonly (readonly [hex: string, text: string, code: number])[] = [
  ["0100000800000001", "OFPT_HELLO (xid=0x1):\n version bitmap: 0x01\n", 0],
  [
    "0608000800000001",
    "***decode error: OFPBRC_BAD_LEN***\n00000000  06 08 00 08 00 00 00 01-                        |........        |\n",
    0,
  ],
  ["010000080000000", "", 1],
  [
    "01",
    "OpenFlow packet too short (only 1 bytes):\n00000000  01                                              |.               |\n",
    0,
  ],
  [
    "ff00000800000001",
    "OFPT_HELLO (OF 0xff) (xid=0x1):\n version bitmap: 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f\n",
    0,
  ],
  ["0108000c0000000100000000", "OFPT_GET_CONFIG_REPLY (xid=0x1): frags=normal miss_send_len=0\n", 0],
  [
    "0102000c00000001deadbeef",
    "OFPT_ECHO_REQUEST (xid=0x1): 4 bytes of payload\n00000000  de ad be ef                                     |....            |\n",
    0,
  ],
  [
    "0101001400000000000100030100000800000000",
    "OFPT_ERROR (xid=0x0): OFPBRC_BAD_VENDOR\nOFPT_HELLO (xid=0x0):\n version bitmap: 0x01\n",
    0,
  ],
  [
    "010d00200000000bffffffff0001000800000008000100000123456789abcdef",
    "OFPT_PACKET_OUT (xid=0xb): in_port=1 actions=output:1 data_len=8\nvlan_tci=0x0000,dl_src=00:00:00:00:00:00,dl_dst=00:00:00:00:00:00,dl_type=0x0000\n",
    0,
  ],
];
