//! Chance that is the same every time: each place has dice of its own.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use fastrand::Rng;
use parking_lot::Mutex;

/// The dice of all places.
pub(super) struct Dice {
    seed: u64,
    of_places: Mutex<HashMap<String, Rng>>,
}

impl Dice {
    pub(super) fn of(seed: u64) -> Self {
        Dice {
            seed,
            of_places: Mutex::default(),
        }
    }

    /// Makes a choice with the dice of a place. What comes out depends on the seed, the place, and
    /// on how often it was asked before.
    pub(super) fn roll<T>(&self, place: &str, choose: impl FnOnce(&mut Rng) -> T) -> T {
        let mut of_places = self.of_places.lock();
        match of_places.get_mut(place) {
            Some(dice) => choose(dice),
            None => {
                let mut dice = Rng::with_seed(self.seed_of(place));
                let choice = choose(&mut dice);
                of_places.insert(place.to_owned(), dice);
                choice
            }
        }
    }

    fn seed_of(&self, place: &str) -> u64 {
        // Without keys of its own it is the same in every process.
        let mut hasher = DefaultHasher::new();
        (self.seed, place).hash(&mut hasher);
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rolls(seed: u64, place: &str) -> Vec<u64> {
        let dice = Dice::of(seed);
        (0..5)
            .map(|_| dice.roll(place, |dice| dice.u64(..)))
            .collect()
    }

    #[test]
    fn the_same_seed_and_place_make_the_same_choices() {
        assert_eq!(rolls(1, "here"), rolls(1, "here"));
        assert_ne!(rolls(1, "here"), rolls(2, "here"));
        assert_ne!(rolls(1, "here"), rolls(1, "there"));
    }

    #[test]
    fn one_place_does_not_disturb_another() {
        let dice = Dice::of(1);
        let mixed: Vec<u64> = (0..5)
            .map(|_| {
                dice.roll("there", |dice| dice.u64(..));
                dice.roll("here", |dice| dice.u64(..))
            })
            .collect();
        assert_eq!(mixed, rolls(1, "here"));
    }
}
