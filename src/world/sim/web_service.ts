// A web server from what a scenario says of it.

import type { Duration } from '../../core/time.ts';
import type { HttpPaths, HttpResource } from '../app/http/http_content.ts';
import { type HttpServerConfig, httpServer } from '../app/http/http_server.ts';
import type { Program, System } from '../app/program.ts';
import type { HttpPage, HttpServiceDefinition } from './scenario/types.ts';

/**
 * @param serviceTime what a request costs where the service does not say so itself
 * @param secure lays TLS over each connection
 */
export function webServer(
  system: System,
  service: Omit<HttpServiceDefinition, 'kind'>,
  serviceTime: Duration,
  secure?: HttpServerConfig['secure'],
): Program<never> {
  const { port, address, backlog, pages, virtualHosts, ignoresHost, work, keepAlive } = service;
  return httpServer(system, {
    port,
    ...(address === undefined ? {} : { address }),
    ...(backlog === undefined ? {} : { backlog }),
    ...(pages.length === 0 ? {} : { paths: pathsOf(pages) }),
    sites: Object.fromEntries(virtualHosts.map((site) => [site.host, pathsOf(site.pages)])),
    ignoreHost: ignoresHost,
    workPerRequest: work === 0 ? serviceTime : work,
    keepAlive,
    ...(secure === undefined ? {} : { secure }),
  });
}

const pathsOf = (pages: readonly HttpPage[]): HttpPaths =>
  Object.fromEntries(pages.map((page) => [page.path, resourceOf(page)]));

/** A page takes forms too: what is posted is read, and the page is the answer. */
const METHODS: readonly string[] = ['GET', 'HEAD', 'POST'];

function resourceOf({ status, contentType, headers, body, isChunked }: HttpPage): HttpResource {
  return {
    status,
    methods: METHODS,
    headers: [['Content-Type', contentType], ...headers.map(({ name, value }) => [name, value] as const)],
    ...(body.kind === 'text' ? { text: body.text } : { size: body.length }),
    ...(isChunked ? { chunked: true } : {}),
  };
}
