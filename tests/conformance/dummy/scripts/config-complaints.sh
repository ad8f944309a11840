# What the daemon complains of in its configuration
start
add_ports br0 1 2
v() { t ovs-vsctl --timeout=5 "$@"; }
seen=0
l() {
  sleep 0.1
  grep -E '\|(WARN|ERR)\|' ovs-vswitchd.log | sed 's/^[^|]*|[0-9]*|//' | grep -v '^dpif|\|^ovs_numa\|^poll_loop\|^timeval\|^jsonrpc\|^ovs_rcu\|in_band\|^dns_resolve\|unreachable\|^rconn' >l.txt
  tail -n +$((seen + 1)) l.txt
  seen=$(wc -l <l.txt)
}
l
while read -r cmd; do v $cmd; l; done <<'L'
set bridge br0 other_config:hwaddr=00:00:00:00:00:00
set bridge br0 other_config:hwaddr=01:02:03:04:05:06
remove bridge br0 other_config hwaddr
set bridge br0 other_config:hwaddr=aa:55:aa:55:00:00
set interface br0 mac="00:00:00:00:00:01"
clear interface br0 mac
set interface p1 mac="01:00:00:00:00:01"
set interface p1 mac="nix"
set interface p1 mac="00:00:00:00:00:01"
clear interface p1 mac
set bridge br0 other_config:stp-system-id=zz stp_enable=true
set bridge br0 rstp_enable=true other_config:rstp-address=zz
set bridge br0 stp_enable=false
set bridge br0 other_config:rstp-priority=1 other_config:rstp-ageing-time=1 other_config:rstp-force-protocol-version=7 other_config:rstp-max-age=1 other_config:rstp-forward-delay=1 other_config:rstp-transmit-hold-count=99
set port p1 other_config:rstp-port-priority=1 other_config:rstp-path-cost=0 other_config:rstp-port-num=9999
set port p1 other_config:rstp-port-mcheck=true
clear port p1 other_config
clear bridge br0 other_config
set bridge br0 rstp_enable=false
set bridge br0 other_config:hwaddr=aa:55:aa:55:00:00
add-bond br0 b p3 p4 -- set interface p3 type=dummy -- set interface p4 type=dummy
set port b bond_mode=balance-slb
set port b bond_mode=balance-tcp
set port b lacp=active
set port b other_config:lacp-system-id=zz other_config:lacp-system-priority=0 other_config:lacp-time=foo
set interface p3 other_config:lacp-port-id=0 other_config:lacp-port-priority=70000 other_config:lacp-aggregation-key=0
set port b bond_mode=nix
set port b bond_mode=stable
set port b lacp=off other_config:bond-detect-mode=foo other_config:bond-miimon-interval=5
set port b other_config:bond-hash-basis=-1 other_config:bond-rebalance-interval=5
set port b other_config:bond-primary=nix
set port b bond_mode=balance-slb tag=5 bond_fake_iface=true
clear bridge br0 flood_vlans
set bridge br0 flood_vlans=1
set port b bond_mode=active-backup other_config:bond-detect-mode=carrier
-- --id=@m create mirror name=m -- set bridge br0 mirrors=@m
set mirror m select_all=true
-- --id=@p get port p1 -- set mirror m output_port=@p
set mirror m output_vlan=5
clear mirror m output_port
set mirror m output_vlan=4095
set mirror m output_vlan=5 select_vlan=1,2 snaplen=13
set mirror m snaplen=14
clear bridge br0 mirrors
set-controller br0 nix
set-controller br0 tcp:127.0.0.1
set-controller br0 unix:/nonexistent/x
set-controller br0 ptcp:nix
set-controller br0 punix:/nonexistent/x
set-controller br0 punix:a/b
del-controller br0
set-manager nix
del-manager
-- --id=@n create netflow targets="nix" -- set bridge br0 netflow=@n
-- --id=@n create netflow targets="1.2.3.4:5" engine_id=1 engine_type=2 active_timeout=-1 -- set bridge br0 netflow=@n
clear bridge br0 netflow
-- --id=@s create sflow targets="nix" agent=foo -- set bridge br0 sflow=@s
-- --id=@s create sflow targets="1.2.3.4:5" agent=foo header=7 sampling=0 polling=-1 -- set bridge br0 sflow=@s
-- --id=@s create sflow targets="127.0.0.1:5" agent=lo -- set bridge br0 sflow=@s
clear bridge br0 sflow
-- --id=@i create ipfix targets="nix" -- set bridge br0 ipfix=@i
clear bridge br0 ipfix
-- --id=@i create ipfix targets="127.0.0.1:4739" sampling=0 -- --id=@f create Flow_Sample_Collector_Set id=1 bridge=@b ipfix=@i -- --id=@b get bridge br0
destroy Flow_Sample_Collector_Set 1 -- --all destroy Flow_Sample_Collector_Set
-- --id=@q create qos type=nix -- set port p1 qos=@q
-- --id=@q create qos type=linux-htb queues:0=@u -- --id=@u create queue other_config:min-rate=foo -- set port p1 qos=@q
clear port p1 qos
set interface p1 ingress_policing_rate=100
set interface p1 bfd:enable=true bfd:min_rx=10 bfd:mult=300
set interface p1 bfd:bfd_local_src_mac=zz bfd:bfd_src_ip=zz bfd:bfd_dst_ip=yy
clear interface p1 bfd
set interface p1 cfm_mpid=9000
set interface p1 cfm_mpid=0
set interface p1 cfm_mpid=1 other_config:cfm_ccm_vlan=5000 other_config:cfm_ccm_pcp=9 other_config:cfm_opstate=foo other_config:cfm_demand=maybe other_config:cfm_extended=true
clear interface p1 cfm_mpid
clear interface p1 other_config
set interface p1 lldp:enable=foo
set bridge br0 protocols=OpenFlow13,OpenFlow15
-- --id=@t create Flow_Table flow_limit=-1 -- set bridge br0 flow_tables:0=@t
-- --id=@t create Flow_Table groups=nix prefixes=foo,in_port -- set bridge br0 flow_tables:0=@t
-- --id=@t create Flow_Table overflow_policy=evict groups="NXM_OF_IN_PORT[0..99]","nix[]" -- set bridge br0 flow_tables:255=@t
-- --id=@t create Flow_Table overflow_policy=evict groups="NXM_OF_IN_PORT[0..99]","nix[]" -- set bridge br0 flow_tables:1=@t
-- --id=@t create Flow_Table name=main -- set bridge br0 flow_tables:1=@t
clear bridge br0 flow_tables
add-port br0 x -- set interface x type=vxlan

add-port br0 z -- set interface z type=nix
add-port br0 w -- set interface w ofport_request=1 type=dummy
add-port br0 veryveryverylongname -- set interface veryveryverylongname type=dummy
add-br br0/x -- set bridge br0/x datapath_type=dummy
del-port z -- del-port x -- del-port w
set open . other_config:vlan-limit=foo
set open . other_config:dpdk-init=true
set open . other_config:pmd-cpu-mask=zz
set open . other_config:emc-insert-inv-prob=foo
set open . external_ids:system-id=a
set port p1 vlan_mode=access
set port p1 vlan_mode=access trunks=5
set port p1 vlan_mode=trunk tag=5
set port p1 vlan_mode=native-tagged
set port p1 vlan_mode=dot1q-tunnel other_config:qinq-ethtype=foo
set port p1 cvlans=5
clear port p1 vlan_mode
set bridge br0 other_config:disable-in-band=foo other_config:in-band-queue=-5
set bridge br0 datapath_type=nix
set bridge br0 datapath_type=dummy
set bridge br0 auto_attach=@a -- --id=@a create AutoAttach system_name=x mappings:5=6
L
stop >/dev/null
