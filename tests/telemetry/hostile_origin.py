"""An HTTPS origin that misbehaves in the way its path names: /DEED/FILE. Each request is a line of the log: path and range.

    hostile_origin.py PORT CERTIFICATE KEY DIRECTORY
"""
import gzip
import http.server
import ssl
import sys
import time

PORT, CERTIFICATE, KEY, DIRECTORY = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]


class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        deed, _, name = self.path.strip("/").partition("/")
        print(self.path, self.headers.get("Range", "-"), self.headers.get("If-Range", "-"), flush=True)
        with open(DIRECTORY + "/" + (name or "film"), "rb") as file:
            body = file.read()
        try:
            getattr(self, deed.split("=")[0])(body, deed.partition("=")[2], name or "film")
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.close_connection = True

    def first(self):
        """The first byte asked for; None: no range."""
        asked = self.headers.get("Range")
        return int(asked[len("bytes="):].split("-")[0]) if asked else None

    def answer(self, code, body, **headers):
        self.send_response(code)
        headers.setdefault("Content_Length", len(body))
        for key, value in headers.items():
            if value is not None:
                self.send_header(key.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def cut_off(self):
        self.wfile.flush()
        self.close_connection = True

    def serve(self, body, tag=None):
        first = self.first()
        condition = self.headers.get("If-Range")
        if first is None or (condition and condition != tag):
            return self.answer(200, body, ETag=tag)
        last = self.headers["Range"].split("-")[1]
        piece = body[first:int(last) + 1] if last else body[first:]
        self.answer(206, piece, ETag=tag,
                    Content_Range=f"bytes {first}-{first + len(piece) - 1}/{len(body)}")

    def fine(self, body, *_):
        self.serve(body, '"fine"')

    def cut(self, body, at, _):
        """Breaks off after so many bytes, unless asked to go on from there."""
        if self.first() is not None:
            return self.serve(body)
        self.answer(200, body[:int(at)], Content_Length=len(body))
        self.cut_off()

    def says_more(self, body, *_):
        self.answer(200, body, Content_Length=len(body) + 10)

    def says_less(self, body, *_):
        self.answer(200, body[:-10], Content_Length=len(body) - 10)

    def nothing(self, *_):
        self.answer(200, b"")

    def endless(self, body, *_):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while True:
            self.wfile.write(b"%x\r\n" % len(body) + body + b"\r\n")

    def changes(self, body, tagged, _):
        """Half of an older version, then the true one; with a tag it can be noticed early."""
        if self.first() is None and not getattr(self.server, "changed", set()) & {self.path}:
            self.server.changed = getattr(self.server, "changed", set()) | {self.path}
            old = bytes(b ^ 1 for b in body)
            self.answer(200, old[:len(old) // 2], Content_Length=len(old), ETag='"old"' if tagged else None)
            return self.cut_off()
        self.serve(body, '"new"' if tagged else None)

    def wrong(self, body, *_):
        self.serve(bytes(b ^ 1 for b in body))

    def no_ranges(self, body, *_):
        if self.first() is None:
            return self.cut(body, len(body) // 2, None)
        self.answer(200, body)

    def other_range(self, body, *_):
        if self.first() is None:
            return self.cut(body, len(body) // 2, None)
        self.answer(206, body, Content_Range=f"bytes 0-{len(body) - 1}/{len(body)}")

    def unasked_range(self, body, *_):
        self.answer(206, body[5:], Content_Range=f"bytes 5-{len(body) - 1}/{len(body)}")

    def other_total(self, body, *_):
        if self.first() is None:
            return self.cut(body, len(body) // 2, None)
        first = self.first()
        self.answer(206, body[first:] + b"more", Content_Range=f"bytes {first}-{len(body) + 3}/{len(body) + 4}")

    def inside(self, _body, _, name):
        self.answer(302, b"over there", Location="/fine/" + name)

    def away(self, *_):
        self.answer(302, b"", Location="https://localhost:1/film")

    def plain_http(self, *_):
        self.answer(302, b"", Location=f"http://127.0.0.1:{PORT}/fine/film")

    def with_password(self, *_):
        self.answer(302, b"", Location=f"https://me:secret@127.0.0.1:{PORT}/fine/film")

    def in_circles(self, *_):
        self.answer(302, b"", Location="/in_circles/film")

    def long_page(self, *_):
        self.answer(302, b"x" * 1000000, Location="/fine/film")

    def cookie(self, *_):
        self.answer(302, b"", Location="/bare/film", Set_Cookie="a=b; Path=/")

    def bare(self, body, *_):
        extra = [h for h in ("Cookie", "Authorization", "Accept-Encoding", "Referer") if h in self.headers]
        self.answer(500 if extra else 200, body)

    def packed(self, body, *_):
        self.answer(200, gzip.compress(body), Content_Encoding="gzip")

    def says(self, _body, code, _):
        self.answer(int(code), b"no")

    def silent(self, *_):
        time.sleep(3600)

    def dribbles(self, body, pause_ms, _):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for byte in body:
            self.wfile.write(bytes([byte]))
            time.sleep(int(pause_ms) / 1000)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # a client that hangs up is what most of this is about


server = Server(("127.0.0.1", PORT), Origin)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(CERTIFICATE, KEY)
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
