# Every command of both daemons with arguments that it does not want.
start
add_ports br0 1 2
ovs-appctl time/stop
for target in ovs-vswitchd ovsdb-server; do
  # the original's ovsdb-server ends when it is told to exclude nothing
  for c in $(ovs-appctl -t $target list-commands | sed '1d' | awk '{print $1}' | grep -v 'exit\|wait$\|set-sync-exclude-tables\|coverage\|memory/show\|upcall/show\|perf-show\|pmd-stats\|list-commands'); do
    for args in "" "nix" "br0 nix" "p1 2 3" "a b c d e f g h i j k l"; do
      echo "\$ $c $args"
      ovs-appctl -t $target $c $args 2>&1
    done
  done
done
stop >/dev/null
