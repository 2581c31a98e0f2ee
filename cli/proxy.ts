import type { Agent } from 'node:http';

/** An agent whose connections go through the proxies that the environment names; nothing where it names none. */
export async function proxyAgent(): Promise<Agent | undefined> {
  if (variable('http_proxy') === undefined && variable('https_proxy') === undefined) return undefined;
  const [{ Agent: BaseAgent }, { HttpProxyAgent }, { HttpsProxyAgent }, http, https] = await Promise.all([
    import('agent-base'),
    import('http-proxy-agent'),
    import('https-proxy-agent'),
    import('node:http'),
    import('node:https'),
  ]);
  const direct = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) };
  const through = new Map<string, Agent>();

  return new (class extends BaseAgent {
    public override connect(
      ...[, { host, port, secureEndpoint }]: Parameters<InstanceType<typeof BaseAgent>['connect']>
    ) {
      const scheme = secureEndpoint ? 'https' : 'http';
      const proxy = proxyFor(scheme, host ?? '', port);
      if (proxy === undefined) return direct[scheme];
      const agent = through.get(`${scheme} ${proxy}`) ?? new (secureEndpoint ? HttpsProxyAgent : HttpProxyAgent)(proxy);
      through.set(`${scheme} ${proxy}`, agent);
      return agent;
    }
  })();
}

/** As the AWS CLI chooses it: a proxy without a scheme is HTTP, and what NO_PROXY names includes its subdomains. */
function proxyFor(scheme: string, host: string, port: number): string | undefined {
  const proxy = variable(`${scheme}_proxy`);
  if (proxy === undefined) return undefined;
  const exceptions = (variable('no_proxy') ?? '').toLowerCase().split(/[\s,]+/);
  const isExcepted = exceptions
    .map((exception) => exception.replace(/^\*?\.+/, ''))
    .some(
      (exception) =>
        exception === '*' ||
        (exception !== '' &&
          [host, `${host}:${port.toString()}`].some((name) => name === exception || name.endsWith(`.${exception}`))),
    );
  if (isExcepted) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function variable(name: string): string | undefined {
  const value = process.env[name] ?? process.env[name.toUpperCase()];
  return value === '' ? undefined : value;
}
