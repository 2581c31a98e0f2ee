import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { App, Aws, Fn, Stack } from 'aws-cdk-lib';
import { MOMENTO_CELLS } from '../../../constructs/common/momento-cells';
import { MomentoEndpoint } from '../../../constructs/common/momento-endpoint';
import { ToMomento } from '../to-momento/to-momento';

const REGIONS =
  'ap-northeast-1, ap-south-1, ap-southeast-1, ap-southeast-2, eu-central-1, eu-north-1, eu-west-1, eu-west-2, ' +
  'us-east-1, us-east-2, us-west-2';

function stack(region?: string): Stack {
  return new Stack(new App(), 'Stack', { env: { region } });
}

function invocationEndpoints(toMomento: ToMomento): unknown[] {
  return Object.values(toMomento.template.findResources('AWS::Events::ApiDestination')).map(
    (resource) => (resource as { Properties: { InvocationEndpoint: unknown } }).Properties.InvocationEndpoint,
  );
}

describe('the endpoint of a region', () => {
  test('is that of its cell', () => {
    const urls = ['us-east-1', 'us-west-2', 'eu-west-1'].map((region) =>
      MomentoEndpoint.forRegion(region).bind(stack()),
    );
    assert.deepEqual(urls, [
      'https://api.cache.cell-us-east-1-1.prod.a.momentohq.com',
      'https://api.cache.cell-4-us-west-2-1.prod.a.momentohq.com',
      'https://api.cache.cell-1-eu-west-1-1.prod.a.momentohq.com',
    ]);
  });

  test('has the gRPC API at another host', () => {
    const urls = ['us-east-1', 'us-west-2'].map((region) => MomentoEndpoint.forRegion(region).bindGrpc(stack()));
    assert.deepEqual(urls, [
      'https://cache.cell-us-east-1-1.prod.a.momentohq.com',
      'https://cache.cell-4-us-west-2-1.prod.a.momentohq.com',
    ]);
  });

  test('is there for the eleven regions of Momento', () => {
    assert.equal(Object.keys(MOMENTO_CELLS).join(', '), REGIONS);
    for (const [region, cell] of Object.entries(MOMENTO_CELLS))
      assert.match(cell, new RegExp(`^cell-(\\d-)?${region}-1$`));
  });

  for (const region of ['eu-west-3', 'cn-north-1', 'constructor']) {
    test(`is refused in ${region}, which has no cell, with the regions that have one`, () => {
      assert.throws(() => MomentoEndpoint.forRegion(region).bind(stack()), {
        message:
          `Stack: endpoint must be in a region with a Momento cell (${REGIONS}), got ${region}. Pass ` +
          'MomentoEndpoint.forRegion(...) with the nearest of them, or MomentoEndpoint.custom(...) with a private cell.',
      });
    });
  }

  test("is the stack's own when none is given", () => {
    const host = 'https://api.cache.cell-1-eu-west-1-1.prod.a.momentohq.com';
    assert.deepEqual(invocationEndpoints(new ToMomento()), [
      `${host}/cache/*`,
      `${host}/cache/*`,
      `${host}/topics/*/*`,
    ]);
  });

  test('is looked up at deployment when the stack does not know its region, which a rule refuses without a cell', () => {
    const toMomento = new ToMomento({}, {});
    const { Mappings, Rules } = toMomento.template.toJSON() as {
      Mappings: Record<string, unknown>;
      Rules: Record<string, { Assertions: unknown }>;
    };
    const [[mapping, cells] = []] = Object.entries(Mappings);
    assert.deepEqual(
      cells,
      Object.fromEntries(Object.entries(MOMENTO_CELLS).map(([region, cell]) => [region, { cell }])),
    );
    const cell = { 'Fn::FindInMap': [mapping, { Ref: 'AWS::Region' }, 'cell'] };
    assert.deepEqual(invocationEndpoints(toMomento)[2], {
      'Fn::Join': ['', ['https://api.cache.', cell, '.prod.a.momentohq.com/topics/*/*']],
    });
    const rule = Object.entries(Rules).find(([id]) => id.includes('MomentoRegions'))?.[1];
    assert.deepEqual(rule?.Assertions, [
      {
        Assert: { 'Fn::Contains': [Object.keys(MOMENTO_CELLS), { Ref: 'AWS::Region' }] },
        AssertDescription: `Momento has no cell in this region, only in ${REGIONS}`,
      },
    ]);
  });

  test('is refused for a region that is known only at deployment and is another', () => {
    const refused = {
      message: /^Stack: endpoint must be for the stack's own region or one known at synth, got a token\./,
    };
    assert.throws(() => MomentoEndpoint.forRegion(Fn.importValue('region')).bind(stack()), refused);
    assert.throws(() => MomentoEndpoint.forRegion(Aws.REGION).bind(stack('eu-west-1')), refused);
  });
});

describe('a custom endpoint', () => {
  const bind = (url: string) => MomentoEndpoint.custom(url).bind(stack());

  test('is taken as it is, less a slash at its end', () => {
    const urls = ['https://momento.example', 'https://momento.example:8443/', 'https://momento.example/a/b~c%20d//'];
    assert.deepEqual(urls.map(bind), [
      'https://momento.example',
      'https://momento.example:8443',
      'https://momento.example/a/b~c%20d',
    ]);
  });

  for (const url of [
    '',
    'momento.example',
    'http://momento.example',
    'https://',
    'https:///path',
    'https://key@momento.example',
    'https://momento.example?key=value',
    'https://momento.example/#fragment',
    'https://momento.example/*',
    'https://momento.example/a b',
    'https://momento.example/é',
    'https://momento.example/%2',
    'https://momento.example:99999',
    `https://momento.example/${'a'.repeat(2000)}`,
  ]) {
    test(`is refused if it is ${url === '' ? 'empty' : url.slice(0, 40)}`, () => {
      assert.throws(() => bind(url), {
        message:
          'Stack: endpoint must be an https URL of a host and an optional path, at most 2000 characters long, without ' +
          `credentials, query, fragment or *, got ${url}.`,
      });
    });
  }

  test('is the same for the gRPC API, which has no path', () => {
    const bindGrpc = (url: string) => MomentoEndpoint.custom(url).bindGrpc(stack());
    assert.equal(bindGrpc('https://momento.example:8443/'), 'https://momento.example:8443');
    assert.throws(() => bindGrpc('http://momento.example'), /Stack: endpoint must be an https URL/);
    assert.throws(() => bindGrpc('https://momento.example/a'), {
      message:
        "Stack: endpoint must have no path, got https://momento.example/a: Momento's gRPC API has none. Pass https:// and a " +
        'host.',
    });
  });

  test('that is known only at deployment is taken unseen', () => {
    const url = Fn.importValue('cell');
    assert.equal(bind(url), url);
    assert.equal(MomentoEndpoint.custom(url).bindGrpc(stack()), url);
  });
});
