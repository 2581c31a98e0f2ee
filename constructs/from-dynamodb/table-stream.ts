import { Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { fail } from '../common/prop-checks';

/** What is known at synth about a table and its stream. */
export interface TableStream {
  readonly arn: string;
  /** The attributes of the table's key; unknown for an imported table. */
  readonly keys?: readonly string[];
  /** The images in the stream; unknown for an imported table. */
  readonly viewType?: string;
}

interface TableProperties {
  readonly keySchema?: readonly { readonly attributeName: string }[];
  readonly streamSpecification?: { readonly streamViewType?: string };
}

/** The stream of a table. */
export function streamOf(scope: Construct, table: dynamodb.ITable): TableStream {
  const arn = table.tableStreamArn;
  if (arn === undefined) {
    fail(
      scope,
      'table must have a stream. Create it with stream: StreamViewType.NEW_IMAGE, or import it with tableStreamArn.',
    );
  }
  const resource = table.node.defaultChild;
  if (!(resource instanceof dynamodb.CfnTable || resource instanceof dynamodb.CfnGlobalTable)) {
    return { arn };
  }
  const { keySchema, streamSpecification }: TableProperties = Stack.of(scope).resolve({
    keySchema: resource.keySchema,
    streamSpecification: resource.streamSpecification,
  }) as TableProperties;
  return {
    arn,
    keys: keySchema?.map(({ attributeName }) => attributeName),
    viewType: streamSpecification?.streamViewType,
  };
}
