/** A metric that a handler wrote in its log, by one of its sets of dimensions. */
export interface WrittenMetric {
  readonly namespace: string;
  readonly name: string;
  /** By their names. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** The sum, of a line with several values. */
  readonly value: number;
}

/** A line of a log in CloudWatch's embedded metric format, as far as it is needed here. */
interface MetricLine {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
  readonly [member: string]: unknown;
}

/** The metrics in the lines of a log, whose other lines are left out. One that is counted by several sets of dimensions is several. */
export function writtenMetrics(lines: readonly string[]): WrittenMetric[] {
  return lines
    .filter((line) => line.startsWith('{') && line.includes('"_aws":'))
    .map((line) => JSON.parse(line) as MetricLine)
    .flatMap((line) =>
      line._aws.CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
        Metrics.flatMap(({ Name: name }) => {
          const value = [line[name]].flat().reduce<number>((sum, one) => sum + Number(one), 0);
          return Dimensions.map((set) => {
            const dimensions = Object.fromEntries(set.map((dimension) => [dimension, String(line[dimension])]));
            return { namespace, name, dimensions, value };
          });
        }),
      ),
    );
}
