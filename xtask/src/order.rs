//! Functions in the order that compresses best: like stands beside like.
//!
//! A compressor looks back for what it has seen, in `gzip` over 32 KB alone, and names what is near in fewer bits.
//! Of one type and with the same beginning are mostly the functions that the compiler made from one generic.

use std::convert::Infallible;

use anyhow::Result;
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{CodeSectionReader, FunctionSectionReader, Parser, Payload, TypeRef};

/// The module with its functions by type, and then by their bytes.
pub(crate) fn by_likeness(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::new();
    Order::of(wasm)?.parse_core_module(&mut module, Parser::new(0), wasm)?;
    Ok(module.finish())
}

struct Order {
    /// The functions that are defined here, as they will stand.
    functions: Vec<usize>,
    /// What each index becomes; imported functions come first and keep theirs.
    indices: Vec<u32>,
}

impl Order {
    fn of(wasm: &[u8]) -> Result<Self> {
        let (mut imported, mut types, mut bodies) = (0, Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        imported += usize::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::FunctionSection(section) => {
                    types = section.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::CodeSectionEntry(body) => bodies.push(&wasm[body.range()]),
                _ => {}
            }
        }
        let mut functions: Vec<usize> = (0..bodies.len()).collect();
        functions.sort_by_key(|at| (types[*at], bodies[*at]));
        let mut indices: Vec<u32> = (0..u32::try_from(imported + bodies.len())?).collect();
        for (new, old) in functions.iter().enumerate() {
            indices[imported + old] = u32::try_from(imported + new)?;
        }
        Ok(Self { functions, indices })
    }
}

impl Reencode for Order {
    type Error = Infallible;

    fn function_index(&mut self, index: u32) -> Result<u32, Error> {
        Ok(self.indices[index as usize])
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        let types = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for at in self.functions.clone() {
            functions.function(self.type_index(types[at])?);
        }
        Ok(())
    }

    fn parse_code_section(&mut self, code: &mut CodeSection, section: CodeSectionReader<'_>) -> Result<(), Error> {
        let bodies = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for at in self.functions.clone() {
            self.parse_function_body(code, bodies[at].clone())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{ExportKind, ExportSection, Function, TypeSection};

    #[test]
    fn functions_of_one_type_stand_together_and_keep_their_names() {
        let (mut types, mut functions, mut exports, mut code) =
            (TypeSection::new(), FunctionSection::new(), ExportSection::new(), CodeSection::new());
        types.ty().function([], []);
        types.ty().function([], [wasm_encoder::ValType::I32]);
        for (at, (name, of_type, answer)) in [("b", 1, 2), ("nothing", 0, 0), ("a", 1, 1)].into_iter().enumerate() {
            functions.function(of_type);
            exports.export(name, ExportKind::Func, u32::try_from(at).unwrap());
            let mut body = Function::new([]);
            if of_type == 1 {
                body.instructions().i32_const(answer);
            }
            body.instructions().end();
            code.function(&body);
        }
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&exports).section(&code);
        let ordered = by_likeness(&module.finish()).unwrap();
        let mut places = Vec::new();
        for payload in Parser::new(0).parse_all(&ordered) {
            if let Payload::ExportSection(section) = payload.unwrap() {
                places.extend(section.into_iter().map(|export| export.unwrap()).map(|e| (e.name.to_owned(), e.index)));
            }
        }
        assert_eq!(places, [("b".to_owned(), 2), ("nothing".to_owned(), 0), ("a".to_owned(), 1)]);
    }
}
