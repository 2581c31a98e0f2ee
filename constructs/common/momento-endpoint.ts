import { Aws, CfnMapping, CfnRule, Fn, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { MOMENTO_CELLS } from './momento-cells';
import { fail } from './prop-checks';

/**
 * The endpoint of Momento: of its HTTP API, which `EventBridgeToMomento` calls, and of its gRPC API, over which
 * `MomentoTopicToEventBridge` subscribes.
 */
export abstract class MomentoEndpoint {
  /**
   * Momento's cell in a region.
   *
   * The stack's own region need not be known at synth: `forRegion(stack.region)` then looks the cell up at deployment, and a
   * template rule fails a deployment to a region without a cell before it creates a resource.
   *
   * @param region such as `eu-west-1`. For a region without a cell, the error lists those with one
   */
  public static forRegion(region: string): MomentoEndpoint {
    return new RegionalEndpoint(region);
  }

  /**
   * A private cell, or a proxy.
   *
   * @param url `https://`, a host and an optional path, without credentials, query, fragment or `*`, at most 2000 characters.
   * The gRPC API has no path. A URL that is known only at deployment is not validated
   */
  public static custom(url: string): MomentoEndpoint {
    return new CustomEndpoint(url);
  }

  /**
   * The URL of the HTTP API, without a slash at the end. Called by the construct that the endpoint is given to.
   *
   * @param scope that construct, in which the endpoint may create what it needs
   */
  public abstract bind(scope: Construct): string;

  /**
   * The URL of the gRPC API, without a path. Called by the construct that the endpoint is given to.
   *
   * @param scope that construct, in which the endpoint may create what it needs
   */
  public abstract bindGrpc(scope: Construct): string;
}

class RegionalEndpoint extends MomentoEndpoint {
  public constructor(private readonly region: string) {
    super();
  }

  public bind(scope: Construct): string {
    return `https://api.${this.hostOf(scope)}`;
  }

  public bindGrpc(scope: Construct): string {
    return `https://${this.hostOf(scope)}`;
  }

  /** The host of the gRPC API; that of the HTTP API has `api.` before it. */
  private hostOf(scope: Construct): string {
    if (Token.isUnresolved(this.region)) {
      return hostOfCell(cellOfDeployment(scope, this.region));
    }
    const cell = Object.hasOwn(MOMENTO_CELLS, this.region) ? MOMENTO_CELLS[this.region] : undefined;
    if (cell === undefined) {
      fail(
        scope,
        `endpoint must be in a region with a Momento cell (${Object.keys(MOMENTO_CELLS).join(', ')}), got ${this.region}. ` +
          'Pass MomentoEndpoint.forRegion(...) with the nearest of them, or MomentoEndpoint.custom(...) with a private cell.',
      );
    }
    return hostOfCell(cell);
  }
}

class CustomEndpoint extends MomentoEndpoint {
  public constructor(private readonly url: string) {
    super();
  }

  public bind(scope: Construct): string {
    if (!Token.isUnresolved(this.url) && !isPlainHttps(this.url)) {
      fail(
        scope,
        `endpoint must be an https URL of a host and an optional path, at most ${MAX_URL_CHARACTERS.toString()} characters ` +
          `long, without credentials, query, fragment or *, got ${this.url}.`,
      );
    }
    return this.url.replace(/\/+$/, '');
  }

  public bindGrpc(scope: Construct): string {
    const url = this.bind(scope);
    if (!Token.isUnresolved(url) && new URL(url).pathname !== '/') {
      fail(scope, `endpoint must have no path, got ${url}: Momento's gRPC API has none. Pass https:// and a host.`);
    }
    return url;
  }
}

/** EventBridge allows 2048 (`InvocationEndpoint`); the longest path that follows is that of a topic. */
const MAX_URL_CHARACTERS = 2000;

/** The characters that EventBridge allows, except `?`, `*`, and `@`, which would end or begin something else. */
const PLAIN_HTTPS = /^https:\/\/[A-Za-z0-9.-]+(:[0-9]{1,5})?(\/(%[0-9A-Fa-f]{2}|[-()_.!~';:=+$,&A-Za-z0-9/])*)?$/;

function isPlainHttps(url: string): boolean {
  return url.length <= MAX_URL_CHARACTERS && PLAIN_HTTPS.test(url) && URL.canParse(url);
}

function hostOfCell(cell: string): string {
  return `cache.${cell}.prod.a.momentohq.com`;
}

function cellOfDeployment(scope: Construct, region: string): string {
  if (region !== Stack.of(scope).region) {
    fail(
      scope,
      "endpoint must be for the stack's own region or one known at synth, got a token. Pass " +
        'MomentoEndpoint.forRegion(...) the name of a region.',
    );
  }
  const regions = Object.keys(MOMENTO_CELLS);
  new CfnRule(scope, 'MomentoRegions', {
    assertions: [
      {
        assert: Fn.conditionContains(regions, Aws.REGION),
        assertDescription: `Momento has no cell in this region, only in ${regions.join(', ')}`,
      },
    ],
  });
  const cells = new CfnMapping(scope, 'MomentoCells', {
    mapping: Object.fromEntries(Object.entries(MOMENTO_CELLS).map(([name, cell]) => [name, { cell }])),
  });
  return cells.findInMap(Aws.REGION, 'cell');
}
