import {
  App,
  BootstraplessSynthesizer,
  type CfnElement,
  CfnOutput,
  CfnParameter,
  type CfnParameterProps,
  Stack,
} from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';

/** CloudFormation's limit for the value of a parameter. */
export const MAX_PARAMETER_CHARACTERS = 4096;

/** A parameter as the console shows it. */
export interface ShownParameter extends CfnParameterProps {
  /** The heading that it stands under. */
  readonly group: string;
  readonly label: string;
}

/**
 * A stack whose template is launched as it is: no bootstrap, no assets, ids that a reader understands, and parameters laid
 * out for the console.
 */
export abstract class OneClickStack extends Stack {
  /** What a reader of the template should know of a resource, by its logical id. */
  public abstract readonly comments: Readonly<Record<string, string>>;

  private readonly shown: { readonly id: string; readonly group: string; readonly label: string }[] = [];
  private readonly pathsById = new Map<string, string>();

  protected constructor(
    description: string,
    // With nothing in the template but what is deployed.
    private readonly app = new App({
      analyticsReporting: false,
      context: { 'aws:cdk:enable-path-metadata': false, 'aws:cdk:enable-asset-metadata': false },
      treeMetadata: false,
    }),
  ) {
    super(app, 'OneClick', { description, synthesizer: new BootstraplessSynthesizer() });
    this.templateOptions.templateFormatVersion = '2010-09-09';
  }

  /** The template that CloudFormation gets. */
  public synthesize(): Record<string, unknown> {
    const groups = [...new Set(this.shown.map(({ group }) => group))];
    this.addMetadata('AWS::CloudFormation::Interface', {
      ParameterGroups: groups.map((name) => ({
        Label: { default: name },
        Parameters: this.shown.filter(({ group }) => group === name).map(({ id }) => id),
      })),
      ParameterLabels: Object.fromEntries(this.shown.map(({ id, label }) => [id, { default: label }])),
    });
    return this.app.synth().getStackByName(this.stackName).template as Record<string, unknown>;
  }

  /** Adds a parameter, below those that were added before. */
  public parameter(id: string, { group, label, ...props }: ShownParameter): CfnParameter {
    this.shown.push({ id, group, label });
    return new CfnParameter(this, id, props);
  }

  /** The name of a bus that exists. */
  protected eventBusName(description: string): CfnParameter {
    return this.parameter('EventBusName', {
      group: 'EventBridge',
      label: 'Event bus',
      description,
      type: 'String',
      default: 'default',
      allowedPattern: '^[/.A-Za-z0-9_-]{1,256}$',
      constraintDescription: 'must be the name of an event bus in this region and account, not its ARN',
    });
  }

  /**
   * A Momento API key, which the console does not show. It must be sendable in a header, and have no braces, as a JSON object
   * and a dynamic reference have.
   *
   * @param mostCharacters what the service that keeps it takes
   */
  protected apiKeyParameter(permission: string, mostCharacters: number): CfnParameter {
    return this.parameter('MomentoApiKey', {
      group: 'Momento',
      label: 'API key',
      description: `A Momento API key with permission ${permission}. To change it, update the stack.`,
      type: 'String',
      noEcho: true,
      allowedPattern: `^(?!arn:)[!-z|~]{1,${mostCharacters.toString()}}$`,
      constraintDescription:
        `must be the API key itself, 1 to ${mostCharacters.toString()} characters without spaces, line breaks and braces: ` +
        'neither JSON nor the ARN of a secret',
    });
  }

  /** Names the log group of a function in an output, for `aws logs tail`. */
  protected addLogOutput(id: string, { logGroup }: lambda.Function, description: string): void {
    new CfnOutput(this, id, { value: logGroup.logGroupName, description });
  }

  /**
   * The path of construct ids, without the digits that the CDK appends, and without the first one where more follow: a
   * template has one construct of the library.
   */
  protected override allocateLogicalId(element: CfnElement): string {
    const [first = '', ...inside] = element.node.path
      .split('/')
      .slice(1)
      .filter((id) => id !== 'Resource');
    const ids = inside.length === 0 ? [first] : inside.filter((id, i) => id !== inside[i - 1]);
    const logicalId = ids
      .flatMap((id) => id.split('-'))
      .map(capitalized)
      .join('');
    // The CDK looks at each section by itself, and CloudFormation at all together.
    const namesake = this.pathsById.get(logicalId) ?? element.node.path;
    if (namesake !== element.node.path) {
      throw new Error(`${namesake} and ${element.node.path} would both be ${logicalId} in the template`);
    }
    this.pathsById.set(logicalId, namesake);
    return logicalId;
  }
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
