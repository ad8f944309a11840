# Commands of the daemon with arguments that are almost right.
start
add_ports br0 1 2
a() { t ovs-appctl "$@"; }
ovs-ofctl add-flow br0 in_port=1,actions=2
a ofproto/trace
a ofproto/trace br0
a ofproto/trace nix in_port=1
a ofproto/trace br0 nix
a ofproto/trace br0 in_port=99
a ofproto/trace br0 in_port=p1
a ofproto/trace br0 in_port=nix
a ofproto/trace br0 in_port=1 -generate
a ofproto/trace br0 in_port=1 --generate
a ofproto/trace br0 in_port=1 00
a ofproto/trace br0 in_port=1 ffffffffffff00112233445508004500
a ofproto/trace br0 in_port=1 zz
a ofproto/trace br0 in_port=1 -consistent
a ofproto/trace br0 --ct-next trk,new in_port=1
a ofproto/trace br0 --ct-next nix in_port=1
a ofproto/trace br0 in_port=1 --ct-next trk
a ofproto/trace br0 in_port=1 --ct-next
a ofproto/trace br0 in_port=1,tcp --l7
a ofproto/trace br0 in_port=1,tcp --l7 0102
a ofproto/trace br0 in_port=1,tcp --l7 zz
a ofproto/trace br0 in_port=1,tcp --l7-len 5
a ofproto/trace br0 in_port=1,tcp --l7-len nix
a ofproto/trace ovs-dummy 'in_port(1),eth()'
a ofproto/trace 'in_port(1),eth()'
a ofproto/trace dummy@ovs-dummy 'in_port(1),eth(),eth_type(0x800)'
a ofproto/trace dummy@ovs-dummy 'in_port(99),eth(),eth_type(0x1234)'
a ofproto/trace 'in_port(1),eth(),eth_type(0x1234)'
a ofproto/trace br0 'in_port(1),eth(),eth_type(0x1234)'
a ofproto/trace-packet-out br0 in_port=1 2
a ofproto/trace-packet-out br0 in_port=1 nix
a ofproto/trace-packet-out br0 in_port=1 actions=2
a ofproto/trace-packet-out -consistent br0 in_port=1,dl_type=0x1234 3
a ofproto/trace-packet-out -consistent br0 in_port=1,tcp mod_nw_src:1.2.3.4,2
a ofproto/trace-packet-out br0 in_port=1,dl_type=0x1234 mod_nw_src:1.2.3.4,2
a ofproto/trace-packet-out nix in_port=1 2
a ofproto/trace-packet-out br0 2
a ofproto/list
a ofproto/list nix
a ofproto/list-tunnels
a ofproto/tnl-push-pop
a ofproto/tnl-push-pop on
a ofproto/tnl-push-pop nix
a fdb/show nix
a fdb/flush nix
a fdb/flush
a fdb/add br0 p1 5 00:00:00:00:00:01
a fdb/add br0 nix 5 00:00:00:00:00:01
a fdb/add br0 p1 5000 00:00:00:00:00:01
a fdb/add br0 p1 5 zz
a fdb/add nix p1 5 00:00:00:00:00:01
a fdb/del br0 5 00:00:00:00:00:01
a fdb/del br0 5 00:00:00:00:00:01
a fdb/del br0 x 00:00:00:00:00:01
a fdb/stats-show br0
a fdb/stats-show nix
a fdb/stats-clear nix
a fdb/stats-clear
a mdb/show br0
a mdb/flush
a mdb/flush nix
a bridge/dump-flows br0
a bridge/dump-flows nix
a bridge/dump-flows --offload-stats br0
a bridge/reconnect
a bridge/reconnect nix
a dpif/show
a dpif/dump-flows br0
a dpif/dump-flows nix
a dpif/dump-flows -m br0
a dpif/dump-flows --names br0
a dpif/dump-dps
a stp/show
a stp/show br0
a stp/show nix
a stp/tcn
a stp/tcn br0
a stp/tcn nix
a rstp/show
a rstp/show br0
a rstp/tcn br0
a rstp/show nix
a qos/show p1
a qos/show nix
a qos/show-types p1
a qos/show-types nix
a upcall/disable-megaflows
a upcall/enable-megaflows
a upcall/disable-ufid
a upcall/enable-ufid
a upcall/set-flow-limit
a upcall/set-flow-limit 5
a upcall/set-flow-limit x
a revalidator/wait
a revalidator/purge
a tnl/arp/show
a tnl/neigh/show
a tnl/neigh/set br0 1.2.3.4 00:00:00:00:00:01
a tnl/neigh/set br0 nix 00:00:00:00:00:01
a tnl/neigh/set br0 1.2.3.4 nix
a tnl/neigh/aging
a tnl/neigh/aging 5
a tnl/neigh/aging nix
a tnl/neigh/aging 1000000
a tnl/neigh/flush
a tnl/ports/show
a tnl/ports/show -v
a tnl/egress_port_range
a tnl/egress_port_range 100 200
a tnl/egress_port_range 200 100
a tnl/egress_port_range x
a ovs/route/add 1.2.3.0/24 br0
a ovs/route/add 1.2.3.0/24 nix
a ovs/route/add nix br0
a ovs/route/add 1.2.4.0/24 br0 1.2.3.5
a ovs/route/add 1.2.4.0/24 br0 nix
a ovs/route/add 1.2.4.0/24 br0 1.2.3.5 pkt_mark=5
a ovs/route/show
a ovs/route/lookup 1.2.3.9
a ovs/route/lookup 9.9.9.9
a ovs/route/lookup nix
a ovs/route/lookup 1.2.4.9 pkt_mark=5
a ovs/route/del 1.2.3.0/24
a ovs/route/del 1.2.3.0/24
a ovs/route/del nix
a netdev-dummy/receive
a netdev-dummy/receive nix 00
a netdev-dummy/receive p1 zz
a netdev-dummy/receive p1 00
a netdev-dummy/receive p1 'in_port(1)'
a netdev-dummy/receive p1 --qid 5 'in_port(1),eth(),eth_type(0x1234)'
a netdev-dummy/receive p1 'in_port(1),eth(),eth_type(0x1234)' --len 200
a netdev-dummy/receive p1 'in_port(1),eth(),eth_type(0x1234)' --len 5
a netdev-dummy/set-admin-state nix
a netdev-dummy/set-admin-state up
a netdev-dummy/set-admin-state nix up
a netdev-dummy/set-admin-state p1 nix
a netdev-dummy/conn-state
a netdev-dummy/conn-state nix
a netdev-dummy/conn-state p1
a netdev-dummy/ip4addr br0 1.2.3.4/24
a netdev-dummy/ip4addr br0 nix
a netdev-dummy/ip4addr nix 1.2.3.4/24
a netdev-dummy/ip6addr br0 fe80::1/64
a netdev-dummy/ip6addr br0 nix
a time/warp
a time/warp x
a time/warp 5 x
a time/stop 5
a vlog/set nix
a vlog/set vconn:nix
a vlog/set pattern:file:%m
a vlog/set facility:nix
a vlog/list-pattern
a vlog/disable-rate-limit nix
a vlog/enable-rate-limit vconn
a coverage/read-counter nix
a memory/show nix
a lldp/list nix
a autoattach/status
a autoattach/status nix
a autoattach/show-isid
a autoattach/show-isid nix
a autoattach/statistics
a autoattach/statistics nix
a dpif-netdev/pmd-rxq-show
a dpif-netdev/pmd-rxq-show nix
a dpif-netdev/pmd-rxq-rebalance
a dpif-netdev/pmd-stats-clear
a dpif-netdev/pmd-perf-log-set nix
a dpif-netdev/dpif-impl-get
a dpif-netdev/dpif-impl-set nix
a dpif-netdev/miniflow-parser-get
a dpif-netdev/miniflow-parser-set nix
a dpif-netdev/bond-show
a odp-execute/action-impl-show
a odp-execute/action-impl-set nix
stop >/dev/null
