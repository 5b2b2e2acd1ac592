// Valid messages of every kind of framing, as text: what mutation starts from.

export const HTTP_REQUEST_SAMPLES: readonly string[] = [
  'GET /foo/bar?quux HTTP/1.1\r\nHost: www.foo.com:80\r\n\r\n',
  'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
  'HEAD http://www.foo.com/ HTTP/1.1\r\nhost:www.foo.com\r\nConnection: close\r\n\r\n',
  'POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /next HTTP/1.1\r\nHost: a\r\n\r\n',
  'POST /form HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nDigest: 1\r\n\r\n',
];

export const HTTP_RESPONSE_SAMPLES: readonly string[] = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\nDigest: 1\r\n\r\n',
  'HTTP/1.0 200\r\nServer: old\r\n\r\nuntil the end',
];
