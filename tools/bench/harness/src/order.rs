//! In which order the functions of the handlers should lie in their executables: next to each other what runs together.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use anyhow::Result;

use crate::batch::Batches;
use crate::instructions::{Counted, in_processes};
use crate::message::Webhooks;
use crate::world::World;

/// The functions that a handler executes, each group without those of the groups before it.
#[derive(Default)]
struct Executed {
    /// In each invocation.
    always: BTreeSet<String>,
    /// In some.
    sometimes: BTreeSet<String>,
    /// When it starts.
    once: BTreeSet<String>,
}

/// The symbols of all functions that the handlers of webhooks and of commands execute: first those of each invocation, last those of
/// a start.
pub(crate) async fn functions_in_order(webhook: &Path, deliver: &Path, world: &World) -> Result<Vec<String>> {
    let (of_webhooks, of_commands) = (world.for_webhooks(), world.for_commands("10"));
    let mut all =
        in_processes(webhook, &of_webhooks, async |process: &mut Counted| webhooks(process, world).await).await?;
    all.extend(
        in_processes(deliver, &of_commands, async |process: &mut Counted| commands(process, world).await).await?,
    );
    let groups: [fn(&Executed) -> &BTreeSet<String>; 3] =
        [|executed| &executed.always, |executed| &executed.sometimes, |executed| &executed.once];
    let functions = groups.iter().flat_map(|group| all.iter().flat_map(group));
    let mut placed = HashSet::new();
    Ok(functions.filter(|function| placed.insert(*function)).cloned().collect())
}

async fn webhooks(process: &mut Counted, world: &World) -> Result<Executed> {
    let webhooks = || Webhooks::for_bus_of(&world.aws);
    let once = process.start().await?.functions;
    let mut sometimes = process.invoke(&mut webhooks()).await?.functions;
    let always = process.repeat(&mut webhooks()).await?.functions;
    sometimes.extend(process.invoke(&mut webhooks().of_size(4_096)).await?.functions);
    sometimes.extend(process.invoke(&mut webhooks().disconnected()).await?.functions);
    sometimes.extend(process.invoke(&mut webhooks().then_forged()).await?.functions);
    Ok(Executed { always, sometimes, once })
}

async fn commands(process: &mut Counted, world: &World) -> Result<Executed> {
    let mut batches = Batches::for_momento(&world.momento);
    let once = process.start().await?.functions;
    let sometimes = process.invoke(&mut batches).await?.functions;
    let always = process.repeat(&mut batches).await?.functions;
    Ok(Executed { always, sometimes, once })
}
