#!/bin/bash
set -v
c() { column "$@" | cat -A
echo --; }
printf 'a b c dddd\nxx\nyyy z\n\nq r s t u\n' | c -t
printf 'a,b,,c\n1,,3\n,\n' | c -t -s,
printf 'a:b\nccc:d\n' | c -t -s: -o ' | '
printf 'a b\nccc d\n' | c -t -N X,YY
printf 'a b\nccc d\n' | c -t -N X,YY -R 1
printf 'a b\nccc d\n' | c -J -N X,YY
seq 1 30 | c
seq 1 30 | c -c 30
seq 1 30 | c -x -c 30;  printf 'a b\nccc d\n' | c -t -H 1 -N A,B
printf 'one\ntwo\nthree\n' | c -c 20
printf '' | c -t
printf '  lead x\ny  z  \n' | c -t
column -z
column --version
column -t /nosuch
printf 'a b c\n1 2\n' | c -t -l 2;  printf 'a\tb\tc\nlonger\t2\n' | c -t -s $'\t'
printf 'a b\n' | c -t -d -N X,Y
printf 'a b\nccc d\n' | c -t -e;printf 'a b c dddd\nxx\nyyy z\n' | c -t -o ,
printf 'aa bb\nc\n' | column -t | cat -A;  printf 'a\n\nb\n' | column -t -L | cat -A
printf 'a b c dd\nxx\n' | column -t -R 4| cat -A
printf 'key: value x\n' | c -t -s:
echo "a  b" | column -t -s ' '
printf 'x y\n' > /tmp/cf
column -t /tmp/cf /tmp/cf; rm /tmp/cf
