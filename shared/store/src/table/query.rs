//! Reading a partition, strongly consistent.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;

use super::batch::Item;
use crate::Store;
use crate::error::StoreError;

impl Store {
    /// A query of a partition.
    pub(crate) fn query(&self, table: &str, partition: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()))
            .consistent_read(true)
    }

    /// The same, of the items whose sort keys begin so.
    pub(crate) fn query_prefix(
        &self,
        table: &str,
        partition: &str,
        prefix: &str,
    ) -> QueryFluentBuilder {
        self.query(table, partition)
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(":sk", AttributeValue::S(prefix.to_owned()))
    }
}

/// All that a query finds, on however many pages.
pub(crate) async fn all_items(
    query: QueryFluentBuilder,
    operation: &'static str,
) -> Result<Vec<Item>, StoreError> {
    let items = query.into_paginator().items().send();
    let items = items.collect::<Result<_, _>>().await;
    items.map_err(StoreError::call(operation))
}
