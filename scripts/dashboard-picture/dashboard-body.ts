import type { Template } from 'aws-cdk-lib/assertions';

/** How a metric or a math expression is shown: the last cell of its row. */
export interface Shown {
  readonly label: string;
  readonly color?: string;
  readonly yAxis?: 'left' | 'right';
  readonly visible?: boolean;
}

interface Axis {
  readonly label: string;
}

/** A widget as the body of a dashboard has it, on a grid of 24 columns. */
export interface Widget {
  readonly type: 'alarm' | 'metric' | 'text';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly view?: 'singleValue' | 'timeSeries';
    readonly stacked?: boolean;
    readonly yAxis?: { readonly left: Axis; readonly right?: Axis };
    /** Namespace, name and dimensions of a metric, nothing of an expression; then how it is shown. */
    readonly metrics?: readonly (readonly [...string[], Shown])[];
    readonly alarms?: readonly string[];
  };
}

/** The widgets of the only dashboard in a template. A name that is known at deployment only is the id of its resource here. */
export function widgetsOf(template: Template): Widget[] {
  const [dashboard, ...more] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
  if (!dashboard || more.length > 0) throw new Error('the template must have one dashboard');
  const { DashboardBody } = (dashboard as { Properties: { DashboardBody: { 'Fn::Join': [string, unknown[]] } } })
    .Properties;
  const [, parts] = DashboardBody['Fn::Join'];
  const text = parts.map((part) => (typeof part === 'string' ? part : idIn(part))).join('');
  return (JSON.parse(text) as { widgets: Widget[] }).widgets;
}

function idIn(part: unknown): string {
  const { Ref, 'Fn::GetAtt': attribute } = part as { Ref?: string; 'Fn::GetAtt'?: string[] };
  return Ref ?? attribute?.[0] ?? '';
}

/** What a widget shows. */
export function shownIn({ properties: { metrics = [] } }: Widget): Shown[] {
  return metrics.map((row) => row.at(-1) as Shown).filter(({ visible }) => visible !== false);
}
