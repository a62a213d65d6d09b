//! Checks a condition against the fields it reads: every field exists, a choice is compared with one of its
//! options, a date with a date, a number with a number. Run when a pack is loaded, so that a misspelt condition
//! never reaches a filing.

use std::collections::BTreeMap;

use super::{Condition, ConditionError, Expression, Literal, Operator, Value, Word};
use crate::{rule_pack::FieldKind, source_error::nearest};

impl Condition {
    /// Everything that does not fit the fields' kinds.
    pub(crate) fn check_types(&self, kinds: &BTreeMap<&str, &FieldKind>) -> Vec<ConditionError> {
        let mut errors = Vec::new();
        check(&self.expression, kinds, &mut errors);
        errors
    }
}

fn check(expression: &Expression, kinds: &BTreeMap<&str, &FieldKind>, errors: &mut Vec<ConditionError>) {
    match expression {
        Expression::Compare { field, operator, literal } => {
            if let Some(kind) = kind_of(field, kinds, errors) {
                check_order(field, *operator, kind, errors);
                check_literal(field, kind, literal, errors);
            }
        }
        Expression::OneOf { field, literals } => {
            if let Some(kind) = kind_of(field, kinds, errors) {
                for literal in literals {
                    check_literal(field, kind, literal, errors);
                }
            }
        }
        Expression::Not(inner) => check(inner, kinds, errors),
        Expression::All(parts) | Expression::Any(parts) => {
            for part in parts {
                check(part, kinds, errors);
            }
        }
    }
}

fn kind_of<'k>(
    field: &Word,
    kinds: &BTreeMap<&str, &'k FieldKind>,
    errors: &mut Vec<ConditionError>,
) -> Option<&'k FieldKind> {
    let kind = kinds.get(field.name.as_str()).copied();
    if kind.is_none() {
        let name = &field.name;
        let near = nearest(name, kinds.keys().copied());
        let (zh, en) = match near {
            Some(near) => (
                format!("条件引用的字段“{name}”没有定义，是否应为“{near}”？"),
                format!(
                    "the condition reads the field `{name}`, which is not declared; did you mean `{near}`?"
                ),
            ),
            None => (
                format!("条件引用的字段“{name}”没有定义。请先定义字段，或改为已有的标识。"),
                format!(
                    "the condition reads the field `{name}`, which is not declared. Declare it or name one that is."
                ),
            ),
        };
        errors.push(ConditionError { offset: field.offset, zh, en });
    }
    kind
}

fn check_order(field: &Word, operator: Operator, kind: &FieldKind, errors: &mut Vec<ConditionError>) {
    if operator.is_ordering() && !kind.is_number() && !matches!(kind, FieldKind::Date) {
        let name = &field.name;
        errors.push(ConditionError {
            offset: field.offset,
            zh: format!("字段“{name}”不能比较大小。请改用 ==、!= 或 in。"),
            en: format!("the field `{name}` has no order. Use ==, != or in."),
        });
    }
}

fn check_literal(field: &Word, kind: &FieldKind, literal: &Literal, errors: &mut Vec<ConditionError>) {
    let name = &field.name;
    let (zh, en) = match (kind, &literal.value) {
        (FieldKind::Choice { options }, Value::Text(text)) => {
            if options.iter().any(|option| option.value == *text) {
                return;
            }
            let allowed: Vec<&str> = options.iter().map(|option| option.value.as_str()).collect();
            (
                format!("字段“{name}”没有选项“{text}”。可用的选项：{}。", allowed.join("、")),
                format!("the field `{name}` has no option `{text}`. Options: {}.", allowed.join(", ")),
            )
        }
        (FieldKind::Date, Value::Text(text)) => {
            if crate::field::iso_date(text).is_some() {
                return;
            }
            (
                format!("字段“{name}”为日期，“{text}”不是。请写成 \"2026-11-02\"。"),
                format!("the field `{name}` is a date, `{text}` is not. Write \"2026-11-02\"."),
            )
        }
        (kind, Value::Number(_)) if kind.is_number() => return,
        (kind, Value::Text(_)) if !kind.is_number() => return,
        (kind, _) if kind.is_number() => (
            format!("字段“{name}”为数字，比较值不要加引号。"),
            format!("the field `{name}` is a number: write the value without quotation marks."),
        ),
        _ => (
            format!("字段“{name}”为文字，比较值要加双引号。"),
            format!("the field `{name}` is a text: put the value in quotation marks."),
        ),
    };
    errors.push(ConditionError { offset: literal.offset, zh, en });
}
