/** The resources of a template, by their logical ids. */
export type Resources = Readonly<
  Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }>
>;

/**
 * What holds something that an update must not lose, with the properties whose change has CloudFormation replace it ("Update
 * requires: Replacement" in its reference). A URL is replaced with the function that it leads to.
 */
const REPLACING: Readonly<Record<string, readonly string[]>> = {
  'AWS::DynamoDB::Table': ['TableName', 'KeySchema', 'AttributeDefinitions', 'LocalSecondaryIndexes'],
  'AWS::Lambda::Url': ['TargetFunctionArn', 'Qualifier'],
  'AWS::SecretsManager::Secret': ['Name'],
  'AWS::SQS::Queue': ['QueueName', 'FifoQueue'],
};

/** The queues, secrets, tables and URLs of a template, with what decides whether an update replaces them. */
export function holdingResources(resources: Resources): Resources {
  const holding = Object.entries(resources).filter(([, { Type }]) => Type in REPLACING);
  return Object.fromEntries(
    holding.map(([id, { Type, Properties = {} }]) => {
      const replacing = REPLACING[Type] ?? [];
      const decisive = Object.entries(Properties).filter(([property]) => replacing.includes(property));
      return [id, { Type, Properties: Object.fromEntries(decisive) }];
    }),
  );
}
