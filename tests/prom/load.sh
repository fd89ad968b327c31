#!/bin/bash
# What servers.sh has traced: an nginx and a PostgreSQL of its own, clients that make them work, names that would break a
# document; then all of them end, and it waits. usage: load.sh DIR NGINX_PORT PG_BIN
dir=$1 port=$2 bin=$3
as_postgres() { setpriv --reuid=postgres --regid=postgres --clear-groups --inh-caps=-all env -C "$dir/pg" HOME="$dir/pg" LC_ALL=C "$@"; }
exec 3<>"$dir/gate"

cat >"$dir/nginx.conf" <<END
user www-data;
worker_processes 2;
error_log $dir/nginx.err;
pid $dir/nginx.pid;
daemon off;
events {}
http {
	access_log off;
	sendfile on;
	server { listen 127.0.0.1:$port; root $dir/www; location /copied { alias $dir/www; sendfile off; } }
}
END
nginx -c "$dir/nginx.conf" -e "$dir/nginx.err" &
nginx=$!
as_postgres "$bin/initdb" -D "$dir/pg/data" -A trust -N >"$dir/pg.log" 2>&1 || echo initdb >>"$dir/failed"
as_postgres "$bin/pg_ctl" -D "$dir/pg/data" -w -o "-k $dir/pg -c listen_addresses='' -c autovacuum=off" -l "$dir/pg/log" start >/dev/null || echo pg_ctl >>"$dir/failed"
touch "$dir/working"
as_postgres "$bin/pgbench" -h "$dir/pg" -i -s 1 -q postgres >"$dir/pgbench.log" 2>&1 || echo pgbench >>"$dir/failed"
for i in 1 2 3 4; do
	curl -sS -o "$dir/got" "http://127.0.0.1:$port/file" && cmp "$dir/got" "$dir/www/file" || echo curl >>"$dir/failed"
	curl -sS -o "$dir/got" "http://127.0.0.1:$port/copied/file" && cmp "$dir/got" "$dir/www/file" || echo curl >>"$dir/failed"
done
as_postgres "$bin/pgbench" -h "$dir/pg" -c 4 -T 2 -n postgres >>"$dir/pgbench.log" 2>&1 || echo pgbench >>"$dir/failed"
python3 -c '
import ctypes, os
for name in (b"a\"b\\c", b"x\ny", b"\xff\xfe", b"ended", b"", "\u202egnp".encode()):
    if not os.fork():
        ctypes.CDLL(None).prctl(15, name + b"\0", 0, 0, 0)
        os._exit([os.getppid() for _ in range(1000)] and 0)
    os.wait()
'
as_postgres "$bin/pg_ctl" -D "$dir/pg/data" -m fast -w stop >/dev/null || echo stop >>"$dir/failed"
kill -QUIT $nginx
wait $nginx
sync -f "$dir" # what is written back later would be theirs still
touch "$dir/idle"
read -r _ <&3
