import { Aws, CfnCondition, type CfnParameter, CfnRule, Fn } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { HandlerCode } from '../constructs';
import type { HandlerZips } from './handler-zips';
import { bucketOfDeployment, type Host } from './host';
import type { OneClickStack } from './one-click-stack';

const { ARM_64, X86_64 } = lambda.Architecture;

/** The handlers' code as it lies in the bucket of the region, for the architecture that a parameter names. */
export class ReleasedCode extends Construct {
  private readonly architecture: CfnParameter;
  private readonly onArm: CfnCondition;
  private readonly bucket: s3.IBucket;

  public constructor(
    stack: OneClickStack,
    host: Host,
    private readonly zips: HandlerZips,
  ) {
    super(stack, 'ReleasedCode');
    this.architecture = stack.parameter('Architecture', {
      group: 'Lambda',
      label: 'Processor',
      description: 'The processor of the functions. arm64 is cheaper.',
      type: 'String',
      default: ARM_64.name,
      allowedValues: [ARM_64.name, X86_64.name],
    });
    this.onArm = new CfnCondition(this, 'OnArm64', {
      expression: Fn.conditionEquals(this.architecture.valueAsString, ARM_64.name),
    });
    this.bucket = s3.Bucket.fromBucketName(this, 'Bucket', bucketOfDeployment(host));
    // Stops a deployment where the code is not, before any resource is made.
    new CfnRule(this, 'CodeRegions', {
      assertions: [
        {
          assert: Fn.conditionContains([...host.regions], Aws.REGION),
          assertDescription: `The code for this template is only in ${host.regions.join(', ')}`,
        },
      ],
    });
  }

  /** For a construct of the library. */
  public get handlerCode(): HandlerCode {
    return new HandlerCodeInBuckets((handler) => {
      const [arm, x86] = [ARM_64, X86_64].map(({ name }) => this.zips.key(handler, name));
      return lambda.Code.fromBucket(this.bucket, Fn.conditionIf(this.onArm.logicalId, arm, x86).toString());
    });
  }

  /** Has every function of a construct, which knows the architecture at synth, follow the parameter as the code does. */
  public run(construct: Construct): void {
    for (const child of construct.node.findAll()) {
      if (child instanceof lambda.CfnFunction) child.architectures = [this.architecture.valueAsString];
    }
  }
}

class HandlerCodeInBuckets extends HandlerCode {
  public constructor(private readonly code: (handler: string) => lambda.Code) {
    super();
  }

  public override bind(handler: string): lambda.Code {
    return this.code(handler);
  }
}
