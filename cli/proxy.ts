import type { Agent } from 'node:http';
import { Failure } from './failure';
import { httpUrl } from './http-url';

/**
 * An agent whose connections go through the proxies that the environment names; nothing where it names none.
 *
 * @throws Failure if it names something else
 */
export async function proxyAgent(): Promise<Agent | undefined> {
  const proxies = { http: proxyOf('http'), https: proxyOf('https') };
  if (proxies.http === undefined && proxies.https === undefined) return undefined;
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
      const proxy = isExcepted(host ?? '', port) ? undefined : proxies[scheme];
      if (proxy === undefined) return direct[scheme];
      const agent = through.get(`${scheme} ${proxy}`) ?? new (secureEndpoint ? HttpsProxyAgent : HttpProxyAgent)(proxy);
      through.set(`${scheme} ${proxy}`, agent);
      return agent;
    }
  })();
}

/** The proxy for a scheme. As for the AWS CLI, one that is named without a scheme of its own is HTTP. */
function proxyOf(scheme: 'http' | 'https'): string | undefined {
  const proxy = variable(`${scheme}_proxy`);
  if (proxy === undefined) return undefined;
  const url = httpUrl(proxy.includes('://') ? proxy : `http://${proxy}`);
  // Its value is not shown: it may have a password.
  if (!url) throw new Failure(`${scheme.toUpperCase()}_PROXY must be the URL of an HTTP proxy.`);
  return url.href;
}

/** As for the AWS CLI, what NO_PROXY names includes its subdomains. */
function isExcepted(host: string, port: number): boolean {
  const exceptions = (variable('no_proxy') ?? '').toLowerCase().split(/[\s,]+/);
  return exceptions
    .map((exception) => exception.replace(/^\*?\.+/, ''))
    .some(
      (exception) =>
        exception === '*' ||
        (exception !== '' &&
          [host, `${host}:${port.toString()}`].some((name) => name === exception || name.endsWith(`.${exception}`))),
    );
}

function variable(name: string): string | undefined {
  const value = process.env[name] ?? process.env[name.toUpperCase()];
  return value === '' ? undefined : value;
}
