#!/bin/bash
set -v
run() { echo "[$1]"; echo "$1" | bc -l 2>&1; echo rc $?; }
run 'scale=2; 10/3'; run '1/0'; run '2^'; run 'x=5; x*2'; run 'e(1)'; run 'a=1;b=2
if (a<b) a
while (a<3) { a+=1; a }
for(i=0;i<2;i++) i
define f(x) { return x*x; }
f(4)'; run 'scale=3;1/3*3; 7%3; 2^-2; sqrt(2); -1/3; 5.00; 1.50*2; length(12.3); scale(1.23)'; run '"hello
"; print "a ", 1+1, "\n"'; run 'obase=2;10;obase=16;255;ibase=16;FF'; run '1 > 2; 1<=1; 1==1 && 0; !0'; run '2^200;2^300'; run abc; run '3 +'; run 'last; 5; last+1; .5; 0.0; (x=3); x++; ++x; halt; 9'; run 'foo'; run '1.5 > 1.4'; run 'scale=20; s(1); c(1); a(1)*4; l(2)'; run '@'; run 'auto'
run 'e(-2.5); e(10); l(10); l(0.1); a(5); s(10); c(-3); s(0.5); scale=5; e(1); l(3); a(0.2); scale=40; 4*a(1)'
run 'define fact(n) { auto r
r=1; while (n>1) { r*=n; n-=1; }
return (r); }
fact(20); n=5; fact(n); n'; run 'scale=4; x=7; x/=2; x; x^=2; x; x%=3; x; -5%3; 5%-3; 10.5%3'; run 'obase=16; 4095.5; obase=100; 12345; obase=8; 8'; run 'ibase=2; 1010; ibase=A; 12'; run '1;;2
# comment
/* c */ 3'; run '0.1+0.2; 1.10*1.1; 100*1.005; 2^3^2; -2^2; 10-2-3; 2*(3+4)'; run 'for (;;) { i++; if (i>3) break; if (i==2) continue; i }'; run 'if (1) 5 else 6; if (0) 5 else 6'; run '12345678901234567890*98765432109876543210; sqrt(16); sqrt(0); sqrt(0.25);1000000*1000000'
echo 'scale=2; 10/3' | bc; echo 'sqrt(2)' | bc; bc <<< "7/2"; echo "1/3" | bc -l; echo 'e(1)' | bc; x=$(echo "3.7 > 2.1" | bc); (( x )) && echo yes; echo "(1+2" | bc; echo "1 2" | bc; echo "quit" | bc; echo "2+2; quit; 9" | bc; printf '1+1' | bc
bc --help; bc --hel | head -1; bc -x; echo $?; bc --foo; bc --quiet=3
